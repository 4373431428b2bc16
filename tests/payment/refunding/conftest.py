from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from apps.orders.models import OrderInfo
from apps.payment.models import Payment, Refund
from apps.payment.services import (
    apply_event,
    give_back_by_hand,
    pay_out,
    request_refund,
    start_payment,
)
from apps.users.models import User
from tests.payment.fake_gateway import Bank, FakeGateway

ASKED = "refund_query"
SENT = "refund"


@pytest.fixture
def paid(bank: Bank, buyer: User, order: OrderInfo) -> Payment:
    """110.00, settled."""
    payment = start_payment(buyer, order.pk, provider="fake", product="page").payment
    bank.pay(payment.out_trade_no)
    apply_event(FakeGateway(bank).told(payment.out_trade_no))
    bank.calls.clear()
    payment.refresh_from_db()
    return payment


@pytest.fixture
def ask(paid: Payment, stranger: User) -> Callable[..., Refund]:
    def ask(amount: str = "30.00", **changed: str) -> Refund:
        given = {"reason": "少发一件", "by": stranger} | changed
        return request_refund(paid.order_id, amount=Decimal(amount), **given)

    return ask


def replace(refund: Refund, by: User, *, note: str | None = None, **changed: Any) -> Refund:
    """Give back otherwise what failed, by hand with a note and else by transfer; the figures were just looked at."""
    seen = Payment.objects.get(pk=refund.payment_id).refunded_amount
    given: dict[str, Any] = {"by": by, "seen_refunded": seen} | changed
    if note is None:
        return pay_out(refund, **given)
    return give_back_by_hand(refund, note=note, **given)


@pytest.fixture
def operators(settings) -> None:
    settings.ADMINS = [("Operator", "operator@example.com")]


def books(payment: Payment) -> tuple[Decimal, list[str]]:
    """What is set aside or gone, and how the refunds stand; the audit agrees."""
    call_command("audit")
    payment.refresh_from_db()
    return payment.refunded_amount, [each.state for each in payment.refunds.order_by("pk")]
