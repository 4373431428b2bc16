"""How a message leaves by each channel, and what is written down when it does not."""

from collections.abc import Callable
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends import locmem

from apps.notifications import store
from apps.notifications.models import FIELDS, Channel, Event, Message
from apps.notifications.services import (
    send_notifications,
)
from apps.verifications import gateways as sms_gateways
from apps.verifications.exceptions import SMSRefused, SMSUndelivered
from tests.conftest import Phones
from tests.notifications.conftest import ORDER, Servers, new_endpoint, states, tell

pytestmark = pytest.mark.django_db


def test_sms(switch_on: Callable, phones: Phones) -> None:
    switch_on()
    tell()
    assert send_notifications() == 1
    parameters = {"order_id": ORDER, "amount": "50.00"}
    assert phones.notices == [("13900000001", "SMS_1", parameters)]
    assert states() == ["sent"]


def test_mail(switch_on: Callable) -> None:
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


def test_every_event_reaches_an_endpoint(servers: Servers) -> None:
    new_endpoint(events=list(Event))
    for event in Event:
        tell(event=event, payload=dict.fromkeys(FIELDS[event], "x"))
    assert send_notifications() == len(Event)
    assert set(states()) == {"sent"}
