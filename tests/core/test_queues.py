"""Every queue has a worker, and none waits for another's slow jobs."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from meiduo.celery import app

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("file", ["Procfile", "docker-compose.yml"])
def test_every_queue_has_one_worker_of_its_own(file: str) -> None:
    periodic = [entry.get("options", {}) for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    routes = [*settings.CELERY_TASK_ROUTES.values(), *periodic]
    queues = {route.get("queue", "celery") for route in routes}
    assert queues == {"celery", "notifications", "search", "exports"}
    served = re.findall(r"celery .*worker .*--queues (\S+)", (ROOT / file).read_text())
    assert Counter(served) == Counter(queues)


def test_what_waits_for_mail_servers_and_sms_gateways_is_apart_from_money() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == {*settings.CELERY_TASK_ROUTES, "core.run_command"}
    assert {each["queue"] for each in settings.CELERY_TASK_ROUTES.values()} == {"notifications"}
