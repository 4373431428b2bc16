"""How often a message is tried, and who tries it when somebody died over it or comes back too late."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from apps.notifications.exceptions import Undelivered
from apps.notifications.gateways import webhooks
from apps.notifications.models import Message, WebhookEndpoint
from apps.notifications.services import (
    send_notifications,
)
from apps.notifications.services.delivering import LEASE, MOST_TRIES, PAUSES, deliver
from tests.notifications.conftest import Clock, Servers, states, tell

pytestmark = pytest.mark.django_db


def test_the_pauses_grow_and_end(
    endpoint: WebhookEndpoint,
    servers: Servers,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    servers.failures[endpoint.url] = Undelivered("It answers 500.", answer="500 oops")
    (message,) = tell()
    for number, pause in enumerate(PAUSES, start=1):
        assert send_notifications() == 1
        message.refresh_from_db()
        assert (message.state, message.tries) == ("failed", number)
        assert message.next_try_at == clock.now + pause
        clock.advance(pause - timedelta(seconds=1))
        assert send_notifications() == 0
        clock.advance(timedelta(seconds=1))
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert send_notifications() == 1
    message.refresh_from_db()
    assert (message.state, message.next_try_at) == ("gave_up", None)
    assert (message.last_error, message.answer) == ("It answers 500.", "500 oops")
    clock.advance(timedelta(days=2))
    assert send_notifications() == 0
    assert servers.received == [(endpoint.url, message.message_id)] * MOST_TRIES
    (told,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert told.getMessage().startswith("A notification was given up")


def test_the_pauses_are_as_documented() -> None:
    assert [pause.total_seconds() for pause in PAUSES] == [30, 120, 600, 3600, 21600, 86400]


def test_a_killed_worker_leaves_it_to_the_next_one(
    endpoint: WebhookEndpoint, servers: Servers, clock: Clock
) -> None:
    (message,) = tell()
    assert Message.objects.claim(message, at=clock.now, next_try_at=clock.now + LEASE)
    clock.advance(LEASE - timedelta(seconds=1))
    assert send_notifications() == 0
    clock.advance(timedelta(seconds=1))
    assert send_notifications() == 1
    assert states() == ["sent"]


def test_one_over_which_everybody_dies_is_given_up(
    endpoint: WebhookEndpoint, servers: Servers, clock: Clock
) -> None:
    (message,) = tell()
    for _ in range(MOST_TRIES):
        message.refresh_from_db()
        assert Message.objects.claim(message, at=clock.now, next_try_at=clock.now + LEASE)
        clock.advance(LEASE)
    send_notifications()
    assert states() == ["gave_up"]
    assert servers.received == []


def test_who_comes_back_too_late_does_not_undo_what_the_next_one_wrote(
    endpoint: WebhookEndpoint, servers: Servers, clock: Clock
) -> None:
    tell()
    message = Message.objects.select_related("endpoint").get()

    def slow(*args: Any, **kwargs: Any) -> str:
        clock.advance(LEASE)
        servers.failures.clear()
        webhooks.send = servers.send
        assert send_notifications() == 1
        raise Undelivered("too slow", is_down=True)

    webhooks.send = slow
    deliver(message)
    message.refresh_from_db()
    assert (message.state, message.tries, message.last_error) == ("sent", 2, "")
