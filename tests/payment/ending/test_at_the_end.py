"""Every attempt comes to a clear end: paid, or closed at the provider; only then is its order canceled."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.core.tasks import run_command
from apps.goods.models import SKU
from apps.orders.models import OrderInfo
from apps.payment.exceptions import Rejected, Unknown
from apps.payment.models import Payment, PaymentEvent
from apps.payment.services import (
    apply_event,
    cancel_overdue_orders,
    check_payment,
    poll_due_payments,
    start_payment,
)
from apps.users.models import User
from tests.payment.fake_gateway import (
    Bank,
    FakeGateway,
    Trade,
)
from tests.world import unchanged

pytestmark = pytest.mark.django_db

Status = OrderInfo.Status


def stock_and_sales() -> tuple[int, int]:
    return SKU.objects.values_list("stock", "sales").get()


def test_what_nobody_paid_is_closed_there_and_canceled_here(
    at_the_end: None, bank: Bank, payment: Payment, order: OrderInfo, later: Callable
) -> None:
    assert stock_and_sales() == (8, 2)
    with unchanged():
        run_command("cancel_overdue_orders")
    run_command("poll_payments")
    assert bank.trades[payment.out_trade_no].status == "CLOSED"
    assert Payment.objects.get().state == "closed"
    with unchanged():
        run_command("cancel_overdue_orders")
    later(timedelta(minutes=1))
    run_command("cancel_overdue_orders")
    order.refresh_from_db()
    assert (order.status, stock_and_sales()) == (Status.CANCELED, (10, 0))
    with unchanged():
        run_command("cancel_overdue_orders")
        run_command("poll_payments")
    call_command("audit")


def test_paid_in_the_last_second(
    at_the_end: None, bank: Bank, payment: Payment, order: OrderInfo
) -> None:
    """The answer to the question says open, and while we close it the buyer pays."""

    def pay_now(call: str) -> None:
        if call == "close":
            bank.pay(payment.out_trade_no)

    bank.hook = pay_now
    assert poll_due_payments() == 1
    order.refresh_from_db()
    assert (order.status, Payment.objects.get().state) == (Status.UNSEND, "succeeded")
    assert bank.calls == ["qr", "query", "close", "query"]


def test_closed_there_in_the_last_second(at_the_end: None, bank: Bank, payment: Payment) -> None:
    def close_now(call: str) -> None:
        if call == "close":
            bank.trades[payment.out_trade_no].status = "CLOSED"

    bank.hook = close_now
    assert poll_due_payments() == 1
    assert Payment.objects.get().state == "closed"


def test_what_the_provider_does_not_know_is_watched_for_a_minute(
    at_the_end: None, bank: Bank, payment: Payment, later: Callable
) -> None:
    bank.trades.clear()
    assert poll_due_payments() == 1
    assert Payment.objects.get().state == "pending"
    later(timedelta(seconds=61))
    assert poll_due_payments() == 1
    assert Payment.objects.get().state == "closed"
    assert "close" not in bank.calls


@pytest.mark.parametrize("call", ["query", "close"])
def test_unknown_stays_open_and_is_asked_again_at_growing_pauses(
    at_the_end: None, bank: Bank, payment: Payment, order: OrderInfo, later: Callable, call: str
) -> None:
    bank.before[call] = [Unknown("time-out") for _ in range(8)]
    pauses = []
    for _ in range(8):
        before = timezone.now()
        assert poll_due_payments() == 1
        assert cancel_overdue_orders() == 0
        waiting = Payment.objects.get()
        assert waiting.state == "pending"
        pauses.append(round((waiting.next_query_at - before).total_seconds() / 60))
        later(waiting.next_query_at - timezone.now() + timedelta(milliseconds=10))
    assert pauses == [1, 1, 2, 4, 8, 16, 30, 30]
    assert poll_due_payments() == 1
    assert Payment.objects.get().state == "closed"
    assert cancel_overdue_orders() == 1


def test_a_refused_close_that_stays_open_is_closed_another_time(
    at_the_end: None, bank: Bank, payment: Payment, later: Callable
) -> None:
    """The provider's clock may be behind ours."""
    bank.before["close"] = [Rejected("40004", "REASON_TRADE_STATUS_INVALID", "")]
    assert poll_due_payments() == 1
    assert Payment.objects.get().state == "pending"
    later(timedelta(minutes=2))
    assert poll_due_payments() == 1
    assert Payment.objects.get().state == "closed"


def test_another_amount_keeps_the_order_open_for_a_person(
    at_the_end: None, bank: Bank, payment: Payment, later: Callable
) -> None:
    bank.trades[payment.out_trade_no] = Trade(payment.amount - 1, "PAID")
    assert poll_due_payments() == 1
    later(timedelta(hours=2))
    assert cancel_overdue_orders() == 0
    assert PaymentEvent.objects.get(status="PAID").verdict == "wrong_amount"


def test_after_a_day_without_workers(
    bank: Bank, payment: Payment, order: OrderInfo, later: Callable
) -> None:
    later(timedelta(days=1))
    assert (cancel_overdue_orders(), poll_due_payments(), cancel_overdue_orders()) == (0, 1, 1)
    order.refresh_from_db()
    assert order.status == Status.CANCELED
    call_command("audit")


@pytest.mark.parametrize("is_canceled", [True, False])
def test_paid_although_we_closed_it(
    bank: Bank, payment: Payment, order: OrderInfo, is_canceled: bool, later: Callable
) -> None:
    later(timedelta(days=1))
    poll_due_payments()
    if is_canceled:
        cancel_overdue_orders()
    bank.trades[payment.out_trade_no].status = "PAID"
    apply_event(FakeGateway(bank).told(payment.out_trade_no))
    payment.refresh_from_db()
    order.refresh_from_db()
    if not is_canceled:
        assert (payment.state, order.status) == ("succeeded", Status.UNSEND)
        return
    assert (payment.state, order.status) == ("surplus", Status.CANCELED)
    run_command("send_refunds")
    assert bank.returned(payment.out_trade_no) == payment.amount == 110
    call_command("audit")


def test_an_orders_other_attempts_are_closed_once_it_is_paid(
    bank: Bank, payment: Payment, buyer: User, order: OrderInfo
) -> None:
    other = start_payment(buyer, order.pk, provider="fake", product="app").payment
    bank.pay(other.out_trade_no)
    check_payment(buyer, other.out_trade_no)
    Payment.objects.close_others(other, at=timezone.now())
    assert poll_due_payments() == 1
    payment.refresh_from_db()
    assert (payment.state, bank.trades[payment.out_trade_no].status) == ("closed", "CLOSED")
