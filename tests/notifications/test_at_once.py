"""What is announced is sent after the commit, not seconds later."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisDown

from apps.core.tasks import run_command
from apps.notifications.models import WebhookEndpoint
from apps.notifications.services import (
    send_notifications,
)
from tests.notifications.conftest import Servers, states, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    asked: list[Any] = []
    monkeypatch.setattr(run_command, "apply_async", lambda *args, **kw: asked.append((args, kw)))
    return asked


def test_one_round_is_asked_for(
    endpoint: WebhookEndpoint, asked: list, django_capture_on_commit_callbacks: Callable
) -> None:
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            tell()
    assert asked == [
        ((("send_notifications",),), {"queue": "notifications", "expires": 5, "retry": False})
    ]


def test_none_when_nobody_is_told(
    asked: list, django_capture_on_commit_callbacks: Callable
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        tell()
    assert (callbacks, asked) == ([], [])


def test_it_goes_through_the_job_that_is_on_the_schedule(
    endpoint: WebhookEndpoint,
    servers: Servers,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tell()
    assert states() == ["sent"]


@pytest.mark.parametrize("down", [OperationalError(), RedisDown()])
def test_a_broker_that_is_down_costs_nothing_but_time(
    endpoint: WebhookEndpoint,
    servers: Servers,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable,
    down: Exception,
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise down

    monkeypatch.setattr(run_command, "apply_async", fail)
    with django_capture_on_commit_callbacks() as callbacks:
        tell()
    (callback,) = callbacks
    with pytest.raises(type(down)):  # Django swallows it: robust
        callback()
    assert states() == ["queued"]
    assert send_notifications() == 1


def test_it_is_registered_as_robust(endpoint: WebhookEndpoint) -> None:
    tell()
    assert [each[2] for each in connection.run_on_commit] == [True]
