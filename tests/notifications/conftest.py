from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.notifications.exceptions import Undelivered
from apps.notifications.gateways import webhooks
from apps.notifications.models import Channel, Event, Message, Template, WebhookEndpoint
from apps.notifications.services import announce

ORDER = "202611240800000000010001"


@pytest.fixture(autouse=True)
def nothing_is_on(request: pytest.FixtureRequest) -> None:
    """Which default templates are left depends on the tests before: each test switches on what it needs."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        Template.objects.all().delete()


@pytest.fixture
def switch_on() -> Callable[..., Template]:
    def switch_on(
        event: Event = Event.ORDER_PAID, channel: Channel = Channel.SMS, **changed: Any
    ) -> Template:
        is_sms = channel == Channel.SMS
        written = {
            "language": "zh-hans",
            "is_active": True,
            "title": "" if is_sms else "订单 {order_id}",
            "text": "订单 {order_id} 已付款 {amount} 元",
            "sms_template": "SMS_1" if is_sms else "",
        }
        return Template.objects.create(event=event, channel=channel, **(written | changed))

    return switch_on


@pytest.fixture
def endpoint(db: None) -> WebhookEndpoint:
    return new_endpoint()


def new_endpoint(**changed: Any) -> WebhookEndpoint:
    count = WebhookEndpoint.objects.count()
    written = {
        "name": f"ERP {count}",
        "url": f"https://erp{count}.example/hooks",
        "events": [Event.ORDER_PAID, Event.ORDER_REFUNDED],
    }
    return WebhookEndpoint.objects.create(**(written | changed))


def tell(**changed: Any) -> list[Message]:
    """Announce that an order is paid; the messages there are then."""
    told: dict[str, Any] = {
        "event": Event.ORDER_PAID,
        "subject": ORDER,
        "payload": {"amount": "50.00"},
        "user_id": 7,
        "mobile": "13900000001",
        "email": "buyer@example.com",
    } | changed
    announce(told.pop("event"), **told)
    return list(Message.objects.order_by("pk"))


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
