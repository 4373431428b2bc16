"""Who hears that an order was shipped or canceled: once, and only when it is so."""

import json

import pytest

from apps.notifications.models import Event, Message, Template, WebhookEndpoint
from apps.orders.exceptions import WrongState
from apps.orders.models import Carrier, OrderInfo, Status
from apps.orders.services import cancel_unpaid_order, ship_order
from apps.payment.services import cancel_paid_order
from apps.users.models import User
from tests.factories import OrderInfoFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everything_is_on(db: None) -> None:
    Template.objects.all().delete()
    events = {
        Event.ORDER_SHIPPED: "{order_id} {carrier} {tracking_number}",
        Event.ORDER_CANCELED: "{order_id} {reason}",
    }
    for event, text in events.items():
        for channel in ("sms", "email"):
            Template.objects.create(
                event=event, channel=channel, title="x", text=text, sms_template="S", is_active=True
            )
    WebhookEndpoint.objects.create(name="ERP", url="https://erp.example/", events=list(events))


@pytest.fixture
def operator() -> User:
    return UserFactory(username="operator")


def heard(order: OrderInfo) -> list[tuple[str, str, str]]:
    messages = Message.objects.filter(subject=order.pk, user_id=order.user_id).order_by("pk")
    return [(each.event, each.channel, each.receiver) for each in messages]


def data() -> dict:
    return json.loads(Message.objects.get(channel="webhook").body)["data"]


def test_shipped(operator: User) -> None:
    buyer = UserFactory(email="buyer@example.com", email_active=True)
    order = OrderInfoFactory(user=buyer, status=Status.UNSEND)
    carrier = Carrier.objects.get(code="shunfeng")
    ship_order(order.pk, carrier=carrier, number="SF1234567", by=operator)
    assert heard(order) == [
        ("order_shipped", "sms", order.mobile),
        ("order_shipped", "email", "buyer@example.com"),
        ("order_shipped", "webhook", "https://erp.example/"),
    ]
    assert Message.objects.get(channel="sms").body == f"{order.pk} 顺丰速运 SF1234567"
    told = {"order_id": order.pk, "carrier": "顺丰速运", "tracking_number": "SF1234567"}
    assert data() == told
    with pytest.raises(WrongState):
        ship_order(order.pk, carrier=carrier, number="SF1234567", by=operator)
    assert Message.objects.count() == 3


def test_canceled_before_it_was_paid() -> None:
    order = OrderInfoFactory(status=Status.UNPAID)
    cancel_unpaid_order(order.pk, reason="不想要了")
    cancel_unpaid_order(order.pk, reason="不想要了")
    assert [event for event, *_ in heard(order)] == ["order_canceled"] * 2
    assert data() == {"order_id": order.pk, "reason": "不想要了"}


def test_canceled_before_it_was_shipped(operator: User) -> None:
    order = OrderInfoFactory(status=Status.UNSEND)
    cancel_paid_order(order.pk, by=operator, reason="缺货")
    with pytest.raises(WrongState):
        cancel_paid_order(order.pk, by=operator, reason="缺货")
    assert [event for event, *_ in heard(order)] == ["order_canceled"] * 2
    assert data() == {"order_id": order.pk, "reason": "缺货"}
