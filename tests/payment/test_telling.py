"""Who hears that an order is paid, or that money went back: once, with what is booked, and only then."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.notifications.models import Event, Message, Template, WebhookEndpoint
from apps.orders.models import OrderInfo
from apps.payment.models import Payment, Refund
from apps.payment.services import (
    apply_event,
    request_refund,
    settle_cash,
    start_payment,
    try_refund,
)
from apps.users.models import User
from tests.factories import OrderInfoFactory
from tests.payment.fake_gateway import Bank, FakeGateway

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everything_is_on(db: None) -> None:
    Template.objects.all().delete()
    for event in (Event.ORDER_PAID, Event.ORDER_REFUNDED):
        for channel in ("sms", "email"):
            Template.objects.create(
                event=event, channel=channel, title="x", text="{order_id} {amount}", sms_template="S", is_active=True
            )  # fmt: skip
    WebhookEndpoint.objects.create(
        name="ERP", url="https://erp.example/", events=[Event.ORDER_PAID, Event.ORDER_REFUNDED]
    )


@pytest.fixture
def payment(bank: Bank, buyer: User, order: OrderInfo) -> Payment:
    buyer.email, buyer.email_active = "buyer@example.com", True
    buyer.save()
    payment = start_payment(buyer, order.pk, provider="fake", product="page").payment
    bank.pay(payment.out_trade_no)
    return payment


def pay(bank: Bank, payment: Payment) -> list[Message]:
    apply_event(FakeGateway(bank).told(payment.out_trade_no))
    return list(Message.objects.order_by("pk"))


def test_a_payment(bank: Bank, payment: Payment, order: OrderInfo) -> None:
    messages = pay(bank, payment)
    assert [(each.channel, each.receiver) for each in messages] == [
        ("sms", order.mobile),
        ("email", "buyer@example.com"),
        ("webhook", "https://erp.example/"),
    ]
    assert {(each.event, each.subject, each.user_id) for each in messages} == {
        ("order_paid", order.pk, order.user_id)
    }
    assert messages[0].body == f"{order.pk} 110.00"
    payment.refresh_from_db()
    assert json.loads(messages[2].body)["data"] == {
        "order_id": order.pk,
        "amount": "110.00",
        "paid_at": timezone.localtime(payment.paid_at).isoformat(timespec="seconds"),
        "provider": "fake",
        "payment_no": payment.out_trade_no,
    }
    assert len(pay(bank, payment)) == 3, "told again, it is heard once"


def test_an_address_that_nobody_verified_is_not_written_to(
    bank: Bank, payment: Payment, buyer: User
) -> None:
    buyer.email_active = False
    buyer.save()
    assert [each.channel for each in pay(bank, payment)] == ["sms", "webhook"]


def test_money_that_nobody_needs_is_not_told_of_until_it_goes_back(
    bank: Bank, payment: Payment
) -> None:
    OrderInfo.objects.update(status=OrderInfo.Status.CANCELED)
    assert pay(bank, payment) == []
    try_refund(Refund.objects.get())
    assert set(Message.objects.values_list("event", flat=True)) == {"order_refunded"}


def test_a_refund(bank: Bank, payment: Payment, stranger: User) -> None:
    pay(bank, payment)
    Message.objects.all().delete()
    bank.next_refund = "UNDER_WAY"
    refund = request_refund(payment.order_id, amount=Decimal("30.00"), reason="", by=stranger)
    try_refund(refund)
    assert not Message.objects.exists(), "it is under way"
    bank.refunds[refund.out_request_no] = "DONE"
    Refund.objects.update(next_try_at=timezone.now())
    try_refund(Refund.objects.get())
    *_, webhook = Message.objects.order_by("pk")
    assert Message.objects.count() == 3
    refund.refresh_from_db()
    assert json.loads(webhook.body)["data"] == {
        "order_id": payment.order_id,
        "amount": "30.00",
        "refund_no": refund.out_request_no,
        "refunded_at": timezone.localtime(refund.succeeded_at).isoformat(timespec="seconds"),
        "provider": "fake",
        "payment_no": payment.out_trade_no,
    }


def test_one_by_hand(buyer: User, stranger: User) -> None:
    order = OrderInfoFactory(
        user=buyer, status=OrderInfo.Status.UNRECEIVED, pay_method=OrderInfo.PayMethod.CASH
    )
    settle_cash(order.pk, by=stranger)
    assert not Message.objects.exists()
    request_refund(order.pk, amount=Decimal("5.00"), reason="", by=stranger)
    assert set(Message.objects.values_list("event", "subject")) == {("order_refunded", order.pk)}


@pytest.mark.parametrize(("is_on", "more"), [(False, 1), (True, 3)])
def test_what_it_costs(
    bank: Bank, payment: Payment, is_on: bool, more: int, monkeypatch: Any
) -> None:
    if not is_on:
        Template.objects.all().delete()
        WebhookEndpoint.objects.all().delete()
    with CaptureQueriesContext(connection) as told:
        pay(bank, payment)
    tables = [each["sql"] for each in told if "notifications_" in each["sql"]]
    orders = [
        each["sql"] for each in told if "INNER JOIN" in each["sql"] and "users_user" in each["sql"]
    ]
    reading = 1  # of this test
    assert len(tables) + len(orders) - reading == more
