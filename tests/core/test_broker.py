"""A broker that does not answer costs a request some seconds, not the thread it runs in."""

from collections.abc import Iterator
from socket import socket
from threading import Thread

import pytest
from celery import Celery
from django.conf import settings
from kombu.exceptions import OperationalError


@pytest.fixture
def silent() -> Iterator[str]:
    """Takes every connection and says nothing."""
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_a_task_handed_to_a_silent_broker_is_refused(silent: str) -> None:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    # A twentieth of the real seconds.
    quick = {name: it / 20 if name.endswith("timeout") else it for name, it in options.items()}
    app = Celery(broker=silent, set_as_current=False)
    app.conf.broker_transport_options = quick
    refused = []

    def hand_over() -> None:
        with pytest.raises(OperationalError):
            app.send_task("anything", retry=False)
        refused.append(True)

    thread = Thread(target=hand_over, daemon=True)
    thread.start()
    thread.join(timeout=10)
    assert refused
