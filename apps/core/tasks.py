from celery import shared_task
from django.core.management import call_command


@shared_task(name="core.run_command")
def run_command(name: str) -> None:
    """Run a management command: beat is one more door to periodic work, beside cron."""
    call_command(name)
