"""When messages are sent, how often, and what becomes of those that do not arrive."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisDown

from apps.core.tasks import run_command
from apps.notifications import selectors, store
from apps.notifications.exceptions import BeingSent, Undelivered
from apps.notifications.gateways import webhooks
from apps.notifications.models import Channel, Event, Message, WebhookEndpoint
from apps.notifications.services import (
    remove_old_messages,
    send_again,
    send_all_again,
    send_notifications,
)
from apps.notifications.services.delivering import LEASE, MOST_TRIES, PAUSES, deliver
from apps.verifications import gateways as sms_gateways
from apps.verifications.exceptions import SMSRefused, SMSUndelivered
from tests.conftest import Phones
from tests.notifications.conftest import ORDER, new_endpoint, tell
from tests.world import unchanged

pytestmark = pytest.mark.django_db


class Clock:
    """What ``timezone.now`` says."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


class Servers:
    """Stand in for all endpoints: by name, what they say of the next messages, and what they received."""

    def __init__(self) -> None:
        self.failures: dict[str, Undelivered] = {}
        self.received: list[tuple[str, str]] = []

    def send(self, message_id: str, url: str, **rest: Any) -> str:
        self.received.append((url, message_id))
        if failure := self.failures.get(url):
            raise failure
        return "200"


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Servers:
    servers = Servers()
    monkeypatch.setattr(webhooks, "send", servers.send)
    return servers


def states() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


class TestChannels:
    def test_sms(self, switch_on: Callable, phones: Phones) -> None:
        switch_on()
        tell()
        assert send_notifications() == 1
        parameters = {"order_id": ORDER, "amount": "50.00"}
        assert phones.notices == [("13900000001", "SMS_1", parameters)]
        assert states() == ["sent"]

    def test_mail(self, switch_on: Callable) -> None:
        switch_on(channel=Channel.EMAIL)
        (message,) = tell()
        send_notifications()
        (letter,) = mail.outbox
        assert (letter.to, letter.subject) == (["buyer@example.com"], f"订单 {ORDER}")
        assert letter.body == f"订单 {ORDER} 已付款 50.00 元"
        assert letter.message()["Message-ID"] == f"<{message.message_id}@localhost>"

    @pytest.mark.parametrize(
        ("failure", "state", "is_paused"),
        [
            (SMSUndelivered("down"), "failed", True),
            (SMSRefused("isv.TEMPLATE"), "gave_up", False),
            (ZeroDivisionError(), "failed", False),
        ],
    )
    def test_an_sms_that_does_not_leave(
        self,
        switch_on: Callable,
        phones: Phones,
        monkeypatch: pytest.MonkeyPatch,
        failure: Exception,
        state: str,
        is_paused: bool,
    ) -> None:
        def fail(*args: Any, **kwargs: Any) -> None:
            raise failure

        monkeypatch.setattr(sms_gateways.sms(), "send_notice", fail)
        switch_on()
        tell()
        send_notifications()
        assert states() == [state]
        assert store.paused(["sms"]) == ({"sms"} if is_paused else set())

    @pytest.mark.parametrize(
        ("failure", "error", "is_paused"),
        [
            (SMTPServerDisconnected(), "Mail: SMTPServerDisconnected", True),
            (TimeoutError(), "Mail: TimeoutError", True),
            (SMTPRecipientsRefused({}), "The mail server refuses the receiver.", False),
        ],
    )
    def test_a_mail_that_does_not_leave(
        self,
        switch_on: Callable,
        monkeypatch: pytest.MonkeyPatch,
        failure: Exception,
        error: str,
        is_paused: bool,
    ) -> None:
        def fail(*args: Any, **kwargs: Any) -> None:
            raise failure

        monkeypatch.setattr(locmem.EmailBackend, "send_messages", fail)
        switch_on(channel=Channel.EMAIL)
        tell()
        send_notifications()
        message = Message.objects.get()
        assert (message.state, message.last_error) == ("failed", error)
        assert bool(store.paused(["email"])) is is_paused


class TestTries:
    def test_the_pauses_grow_and_end(
        self,
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

    def test_the_pauses_are_as_documented(self) -> None:
        assert [pause.total_seconds() for pause in PAUSES] == [30, 120, 600, 3600, 21600, 86400]

    def test_a_killed_worker_leaves_it_to_the_next_one(
        self, endpoint: WebhookEndpoint, servers: Servers, clock: Clock
    ) -> None:
        (message,) = tell()
        assert Message.objects.claim(message, at=clock.now, next_try_at=clock.now + LEASE)
        clock.advance(LEASE - timedelta(seconds=1))
        assert send_notifications() == 0
        clock.advance(timedelta(seconds=1))
        assert send_notifications() == 1
        assert states() == ["sent"]

    def test_one_over_which_everybody_dies_is_given_up(
        self, endpoint: WebhookEndpoint, servers: Servers, clock: Clock
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
        self, endpoint: WebhookEndpoint, servers: Servers, clock: Clock
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


class TestLines:
    def test_a_dead_endpoint_does_not_hold_up_the_others(
        self, servers: Servers, clock: Clock
    ) -> None:
        dead, _ = new_endpoint(), new_endpoint()
        servers.failures[dead.url] = Undelivered("It does not answer in time", is_down=True)
        for _ in range(5):
            tell()
        assert send_notifications() == 6
        assert [url for url, _ in servers.received].count(dead.url) == 1
        clock.advance(timedelta(seconds=31))
        assert send_notifications() == 0, "it is left alone"
        store.resume(f"webhook:{dead.pk}")
        servers.failures.clear()
        assert send_notifications() == 5
        assert set(states()) == {"sent"}

    def test_whoever_refuses_three_running_is_left_alone(
        self, endpoint: WebhookEndpoint, servers: Servers
    ) -> None:
        servers.failures[endpoint.url] = Undelivered("It answers 500.")
        for _ in range(5):
            tell()
        assert send_notifications() == 3
        assert states() == ["failed"] * 3 + ["queued"] * 2
        assert send_notifications() == 0

    def test_a_long_line_is_served_in_parts(
        self, endpoint: WebhookEndpoint, servers: Servers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.notifications.services.rounds.BATCH", 2)
        other = new_endpoint()
        for _ in range(3):
            tell()
        assert send_notifications() == 4
        assert {url for url, _ in servers.received} == {endpoint.url, other.url}
        assert send_notifications() == 2

    def test_without_redis_nobody_is_left_alone(
        self, endpoint: WebhookEndpoint, servers: Servers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def down(alias: str) -> Any:
            raise RedisDown

        monkeypatch.setattr(store, "connection", down)
        servers.failures[endpoint.url] = Undelivered("no", is_down=True)
        for _ in range(2):
            tell()
        assert (send_notifications(), send_notifications(), send_notifications()) == (1, 1, 0)

    def test_what_a_round_costs(self, switch_on: Callable, servers: Servers) -> None:
        with CaptureQueriesContext(connection) as idle:
            send_notifications()
        assert len(idle) == 1
        for _ in range(2):
            new_endpoint()
        for _ in range(5):
            tell()
        with CaptureQueriesContext(connection) as busy:
            assert send_notifications() == 10
        assert len(busy) == 1 + 2 + 10 * 2


class TestAtOnce:
    """What is announced is sent after the commit, not seconds later."""

    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        asked: list[Any] = []
        monkeypatch.setattr(
            run_command, "apply_async", lambda *args, **kw: asked.append((args, kw))
        )
        return asked

    def test_one_round_is_asked_for(
        self, endpoint: WebhookEndpoint, asked: list, django_capture_on_commit_callbacks: Callable
    ) -> None:
        for _ in range(3):
            with django_capture_on_commit_callbacks(execute=True):
                tell()
        assert asked == [
            ((("send_notifications",),), {"queue": "notifications", "expires": 5, "retry": False})
        ]

    def test_none_when_nobody_is_told(
        self, asked: list, django_capture_on_commit_callbacks: Callable
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True) as callbacks:
            tell()
        assert (callbacks, asked) == ([], [])

    def test_it_goes_through_the_job_that_is_on_the_schedule(
        self,
        endpoint: WebhookEndpoint,
        servers: Servers,
        django_capture_on_commit_callbacks: Callable,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            tell()
        assert states() == ["sent"]

    @pytest.mark.parametrize("down", [OperationalError(), RedisDown()])
    def test_a_broker_that_is_down_costs_nothing_but_time(
        self,
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

    def test_it_is_registered_as_robust(self, endpoint: WebhookEndpoint) -> None:
        tell()
        assert [each[2] for each in connection.run_on_commit] == [True]


class TestAgain:
    @pytest.mark.parametrize("state", ["sent", "gave_up", "failed"])
    def test_a_message(self, endpoint: WebhookEndpoint, servers: Servers, state: str) -> None:
        (message,) = tell()
        due = timezone.now() + timedelta(hours=6) if state == "failed" else None
        Message.objects.update(state=state, next_try_at=due, tries=5)
        store.pause(f"webhook:{endpoint.pk}")
        send_again(message)
        assert send_notifications() == 1
        message.refresh_from_db()
        assert (message.state, message.tries) == ("sent", 1)
        assert servers.received == [(endpoint.url, message.message_id)]

    def test_not_one_that_is_being_sent(self, endpoint: WebhookEndpoint, clock: Clock) -> None:
        (message,) = tell()
        Message.objects.claim(message, at=clock.now, next_try_at=clock.now + LEASE)
        with unchanged(), pytest.raises(BeingSent):
            send_again(message)

    def test_all_of_an_endpoint(self, endpoint: WebhookEndpoint, servers: Servers) -> None:
        other = new_endpoint()
        for _ in range(4):
            tell()
        own = list(endpoint.messages.order_by("pk"))
        now = timezone.now()
        for message, state in zip(own, ["sent", "gave_up", "failed", "sending"], strict=True):
            later = now + LEASE if state in {"failed", "sending"} else None
            Message.objects.filter(pk=message.pk).update(state=state, next_try_at=later)
        other.messages.update(state="gave_up", next_try_at=None)
        assert send_all_again(endpoint) == 2
        assert send_notifications() == 2
        assert list(endpoint.messages.order_by("pk").values_list("state", flat=True)) == [
            "sent", "sent", "sent", "sending",
        ]  # fmt: skip
        assert set(other.messages.values_list("state", flat=True)) == {"gave_up"}


class TestOldOnes:
    def test_what_was_sent_or_given_up_is_removed_after_its_days(
        self,
        endpoint: WebhookEndpoint,
        clock: Clock,
        settings: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("apps.notifications.services.outbox.BATCH", 2)
        settings.NOTIFICATION_DAYS = 30
        for _ in range(6):
            tell()
        *old, failed, late = Message.objects.order_by("pk").values_list("pk", flat=True)
        Message.objects.filter(pk__in=old[:3]).update(state="sent", next_try_at=None)
        Message.objects.filter(pk=old[3]).update(state="gave_up", next_try_at=None)
        soon = clock.now + timedelta(days=31)
        Message.objects.filter(pk=failed).update(state="failed", next_try_at=soon)
        Message.objects.filter(pk=late).update(next_try_at=soon - timedelta(days=1))
        clock.advance(timedelta(days=29, hours=23))
        assert remove_old_messages() == 0
        clock.advance(timedelta(hours=2))
        call_command("remove_old_notifications")
        assert states() == ["failed", "queued"]

    def test_what_nobody_came_to_is_given_up(self, endpoint: WebhookEndpoint, clock: Clock) -> None:
        tell()
        clock.advance(timedelta(days=2))
        tell()
        clock.advance(timedelta(days=1, seconds=1))
        remove_old_messages()
        assert states() == ["gave_up", "queued"]
        assert Message.objects.earliest("pk").last_error == "Nobody came to it."


class TestHealth:
    def test_all_is_well(self, endpoint: WebhookEndpoint, servers: Servers, clock: Clock) -> None:
        tell()
        send_notifications()
        tell()
        clock.advance(timedelta(minutes=9))
        with CaptureQueriesContext(connection) as asked:
            health = selectors.delivery_health()
        assert len(asked) == 2
        assert (health.given_up, health.overdue, health.overdue_since) == (0, 0, None)
        assert health.is_good

    def test_what_does_not_arrive_is_counted(self, endpoint: WebhookEndpoint, clock: Clock) -> None:
        for _ in range(3):
            tell()
        first, *_ = Message.objects.order_by("pk")
        Message.objects.filter(pk=first.pk).update(state="gave_up", next_try_at=None)
        began = clock.now
        clock.advance(timedelta(minutes=10))
        health = selectors.delivery_health()
        assert (health.given_up, health.overdue, health.overdue_since) == (1, 2, began)
        assert not health.is_good
        clock.advance(timedelta(days=8))
        assert selectors.delivery_health().given_up == 0


def test_every_event_reaches_an_endpoint(servers: Servers) -> None:
    from apps.notifications.models import FIELDS

    new_endpoint(events=list(Event))
    for event in Event:
        tell(event=event, payload=dict.fromkeys(FIELDS[event], "x"))
    assert send_notifications() == len(Event)
    assert set(states()) == {"sent"}
