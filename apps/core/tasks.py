from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.management import call_command

from apps.core.store import note_end


@shared_task(name="core.run_command")
def run_command(name: str) -> None:
    """Run a management command that beat's schedule names: one more door to periodic work, beside cron.

    That it ran is noted, for those who look whether jobs run. Raises ValueError for any other command: who can write
    to the broker must not run what he likes.
    """
    entries: Any = settings.CELERY_BEAT_SCHEDULE.values()
    commands = [command for entry in entries for command in entry["args"]]
    if name not in commands:
        raise ValueError(f"{name} is not on the schedule.")
    try:
        call_command(name)
    except Exception:
        note_end(name, schedule=commands, failed=True)
        raise
    note_end(name, schedule=commands)
