"""A worker killed with SIGKILL, between intent and call or between call and write: the next one makes it good, once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.orders.models import OrderInfo
from apps.payment.models import Payment, Refund
from apps.payment.services import (
    apply_event,
    pay_out,
    request_refund,
    start_payment,
    try_refund,
)
from tests.factories import OrderInfoFactory
from tests.payment.fake_gateway import Bank, FakeGateway
from tests.payment.worker import write_books
from tests.processes import kill_at, last_words, workers

# Real transactions: another process reads what is written here.
pytestmark = pytest.mark.django_db(transaction=True)

Status = OrderInfo.Status


@pytest.fixture
def payment(bank: Bank) -> Payment:
    """Over 50.00, and waiting for it."""
    order = OrderInfoFactory(
        status=Status.UNPAID,
        pay_method=OrderInfo.PayMethod.ALIPAY,
        expires_at=timezone.now() + timedelta(minutes=30),
    )
    return start_payment(order.user, order.pk, provider="fake", product="code").payment


@pytest.fixture
def worker(bank: Bank, tmp_path: Path) -> Iterator[Callable]:
    """Start a worker on this test's rows and this bank's books."""
    file = tmp_path / "bank.json"
    with workers("tests.payment.worker", tmp_path) as start:

        def start_at_bank(*arguments: str) -> Any:
            if not file.exists():
                bank.calls.clear()
                write_books(bank, file)
            return start(str(file), *arguments)

        yield start_at_bank


@pytest.fixture
def refund(bank: Bank, payment: Payment) -> Refund:
    """All of it is to go back."""
    bank.pay(payment.out_trade_no, payment.amount)
    apply_event(FakeGateway(bank).told(payment.out_trade_no))
    return request_refund(
        payment.order_id, amount=payment.amount, reason="", by=payment.order.user, key="k"
    )


def test_sending_a_refund(worker: Callable, refund: Refund) -> None:
    """Killed before the money moved, and again after it."""
    kill_at(worker("send_due_refunds", "0", "refund", "enter"))
    kill_at(worker("send_due_refunds", "2", "refund", "leave"))
    state = last_words(worker("send_due_refunds", "4"))
    assert (state["refunds"], state["returned"]) == (["succeeded"], "50.00")
    assert state["calls"] == ["refund", "refund_query", "refund", "refund_query"]


def test_paying_one_out(worker: Callable, bank: Bank, refund: Refund) -> None:
    """Likewise."""
    bank.next_refund = "FAILED"
    pay_out(try_refund(refund), by=refund.payment.order.user, seen_refunded=Decimal("0.00"))
    kill_at(worker("send_due_refunds", "1", "pay_out", "enter"))
    kill_at(worker("send_due_refunds", "3", "pay_out", "leave"))
    state = last_words(worker("send_due_refunds", "5"))
    assert (state["refunds"], state["returned"]) == (["failed", "succeeded"], "50.00")
    assert state["calls"] == ["pay_out", "payout_query", "pay_out", "payout_query"]


def test_reconciling(worker: Callable, bank: Bank, payment: Payment) -> None:
    """Killed with the bill in its hands, and again with the answer about the payment that only the bill told of."""
    bank.pay(payment.out_trade_no, payment.amount)
    bank.trades[payment.out_trade_no].paid_at = timezone.now()
    later = str(36 * 60)
    kill_at(worker("reconcile_due", later, "bill", "leave"))
    kill_at(worker("reconcile_due", later, "query", "leave"))
    state = last_words(worker("reconcile_due", later))
    assert (state["payment"], state["order"]) == ("succeeded", Status.UNSEND)
    assert (set(state["statements"]), state["differences"]) == ({"done"}, 0)
    assert state["calls"].count("query") == 2


def test_asking_after_a_payment(worker: Callable, bank: Bank, payment: Payment) -> None:
    """Between the questions at 10 and at 30 minutes nobody waits for the second one."""
    bank.pay(payment.out_trade_no, payment.amount)
    kill_at(worker("poll_due_payments", "11", "query", "leave"))
    state = last_words(worker("poll_due_payments", "13"))
    assert (state["payment"], state["order"]) == ("succeeded", Status.UNSEND)


def test_closing_one(worker: Callable, bank: Bank, payment: Payment) -> None:
    """It is closed at the provider, and we have not heard of it; the order is canceled only when we have."""
    kill_at(worker("poll_due_payments", "31", "close", "leave"))
    jobs = "cancel_overdue_orders,poll_due_payments,cancel_overdue_orders"
    state = last_words(worker(jobs, "60"))
    assert (state["trade"], state["payment"]) == ("CLOSED", "closed")
    assert state["order"] == Status.CANCELED
    assert state["calls"] == ["query", "close", "query"]
