"""A row that always goes wrong in a way that nobody thought of keeps no other row waiting, and is not passed over in
silence."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import DataError
from rest_framework.test import APIClient

from apps.core.tasks import run_command
from apps.orders.models import OrderInfo
from apps.payment.gateways import gateway
from apps.payment.models import Refund
from apps.payment.services import (
    apply_event,
    overdue,
    poll_due_payments,
    request_refund,
    send_due_refunds,
    start_payment,
)
from apps.users.models import Address, User
from tests.factories import SKUFactory
from tests.payment.fake_gateway import Bank, FakeGateway, open_banks

pytestmark = pytest.mark.django_db


@pytest.fixture
def operators(settings: Any) -> None:
    settings.ADMINS = [("Operator", "operator@example.com")]


def told() -> list[str]:
    return [each.subject.removeprefix("[美多商城] ") for each in mail.outbox]


def poison(times: int = 1000) -> list[Exception]:
    return [KeyError("trade_status")] * times


def test_an_attempt_that_breaks_the_poll_lets_the_next_one_be_asked_after(
    bank: Bank, buyer: User, order: OrderInfo, later: Callable
) -> None:
    for product in ("page", "code"):
        start_payment(buyer, order.pk, provider="fake", product=product)
    first, second = order.payments.order_by("pk")
    bank.pay(second.out_trade_no)
    bank.before["query"] = poison(1)
    later(timedelta(seconds=10))
    assert poll_due_payments() == 2
    assert list(order.payments.order_by("pk").values_list("state", flat=True)) == [
        "pending",
        "succeeded",
    ]


def test_a_provider_whose_every_answer_breaks_the_poll_does_not_stop_the_other_one(
    buyer: User, order: OrderInfo, later: Callable
) -> None:
    bad, good = Bank(before={"query": poison()}), Bank()
    with open_banks(bad, good):
        for provider in ("fake", "other"):
            start_payment(buyer, order.pk, provider=provider, product="page")
        paid = order.payments.get(provider="other")
        good.pay(paid.out_trade_no)
        later(timedelta(seconds=10))
        poll_due_payments()
    paid.refresh_from_db()
    assert paid.state == "succeeded"


@pytest.fixture
def refund(bank: Bank, buyer: User, order: OrderInfo, stranger: User) -> Refund:
    payment = start_payment(buyer, order.pk, provider="fake", product="page").payment
    bank.pay(payment.out_trade_no)
    apply_event(FakeGateway(bank).told(payment.out_trade_no))
    return request_refund(order.pk, amount=Decimal("30.00"), reason="少发一件", by=stranger)


def test_a_refund_that_breaks_the_job_is_written_down_and_alerts(
    bank: Bank,
    refund: Refund,
    later: Callable,
    operators: None,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    bank.before["refund"] = bank.before["refund_query"] = poison()
    assert send_due_refunds() == 1
    refund.refresh_from_db()
    assert (refund.state, refund.answer) == ("unknown", "KeyError: 'trade_status'")
    assert refund.next_try_at > refund.tried_at
    mail.outbox.clear()
    later(timedelta(days=3, minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        run_command("send_refunds")
    assert told() == [f"退款单 {refund.out_request_no} 仍未完成"]
    bank.before.clear()
    later(timedelta(hours=7))
    run_command("send_refunds")
    refund.refresh_from_db()
    assert refund.state == "succeeded"


def test_a_refund_whose_provider_was_taken_out_of_the_settings_alerts(
    refund: Refund,
    later: Callable,
    operators: None,
    settings: Any,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    settings.PAYMENT_GATEWAYS = {}
    gateway.cache_clear()
    later(timedelta(days=3, minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        send_due_refunds()
    refund.refresh_from_db()
    assert (refund.state, refund.tries) == ("requested", 1)
    assert told() == [f"退款单 {refund.out_request_no} 仍未完成"]


def test_an_order_that_cannot_be_canceled_keeps_no_other_one_open(
    shop: APIClient,
    address: Address,
    order: OrderInfo,
    later: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sku = SKUFactory(price="55.00")
    shop.post("/api/v1/cart/", {"sku_id": sku.pk, "count": 2})
    shop.post("/api/v1/orders/", {"address": address.pk, "pay_method": 2})
    real = overdue.cancel_unpaid_order

    def cancel(order_id: str) -> bool:
        if order_id == order.pk:
            raise DataError("Out of range value for column 'stock'")
        return real(order_id)

    monkeypatch.setattr(overdue, "cancel_unpaid_order", cancel)
    later(timedelta(hours=1))
    run_command("cancel_overdue_orders")
    assert sorted(OrderInfo.objects.values_list("status", flat=True)) == [1, 6]
