"""One round of a job: a provider in trouble does not hold up the other, and two workers share the work."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.orders.models import OrderInfo
from apps.payment.exceptions import Unknown
from apps.payment.models import Payment
from apps.payment.services import (
    poll_due_payments,
    rounds,
    start_payment,
)
from apps.users.models import User
from tests.factories import OrderInfoFactory
from tests.payment.fake_gateway import (
    Bank,
    FakeGateway,
    OtherGateway,
    open_banks,
)

pytestmark = pytest.mark.django_db

Status = OrderInfo.Status


def test_a_provider_that_is_down_does_not_hold_up_the_other(
    buyer: User, order: OrderInfo, later: Callable
) -> None:
    down, up = Bank(), Bank()
    with open_banks(down, up):
        for product in ("page", "code", "app"):
            start_payment(buyer, order.pk, provider=FakeGateway.provider, product=product)
        first = Payment.objects.first()
        for number in range(4, 8):
            first.pk, first.out_trade_no = None, f"{order.pk}{number:02d}"
            first.save(force_insert=True)
        paid = start_payment(buyer, order.pk, provider=OtherGateway.provider, product="code")
        up.pay(paid.payment.out_trade_no)
        later(timedelta(seconds=6))
        down.calls.clear()
        down.before["query"] = [Unknown("time-out") for _ in range(9)]
        assert poll_due_payments() == 4
        assert down.calls == ["query"] * 3
        order.refresh_from_db()
        assert order.status == Status.UNSEND


def test_a_provider_that_is_slow_is_left_to_the_next_round(
    payment: Payment,
    buyer: User,
    bank: Bank,
    later: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start_payment(buyer, payment.order_id, provider="fake", product="app")
    later(timedelta(seconds=6))
    monkeypatch.setattr(rounds, "MOST_SECONDS", -1)
    assert [poll_due_payments() for _ in range(3)] == [1, 1, 0]


def test_a_buyer_with_many_attempts_does_not_crowd_out_another(
    payment: Payment,
    buyer: User,
    stranger: User,
    bank: Bank,
    later: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long those of the one have waited, the other's first comes before the one's second."""
    for n in range(4):
        start_payment(buyer, payment.order_id, provider="fake", product="person", openid=f"o-{n}")
    later(timedelta(seconds=6))
    payment.pk, payment.out_trade_no = None, "another-01"
    payment.order, payment.next_query_at = OrderInfoFactory(user=stranger), timezone.now()
    payment.save(force_insert=True)
    later(timedelta(seconds=6))
    monkeypatch.setattr(rounds, "BATCH", 2)
    assert poll_due_payments() == 2
    payment.refresh_from_db()
    assert payment.queries == 1


def test_two_workers_share_a_batch(payment: Payment, bank: Bank, later: Callable) -> None:
    """The second one runs while the first is just asking."""
    later(timedelta(seconds=6))
    seconds: list[int] = []

    def another_worker(call: str) -> None:
        bank.hook = lambda call: None
        seconds.append(poll_due_payments())

    bank.hook = another_worker
    assert poll_due_payments() == 1
    assert seconds == [0]
    assert bank.calls.count("query") == 1


def test_the_next_question_is_left_to_whoever_planned_it_meanwhile(
    payment: Payment, bank: Bank, later: Callable
) -> None:
    """Another attempt settles the order just now, so this one is to be closed at once."""
    later(timedelta(seconds=6))
    now = timezone.now()

    def another_worker(call: str) -> None:
        Payment.objects.update(is_closing=True, next_query_at=now)

    bank.hook = another_worker
    assert poll_due_payments() == 1
    payment.refresh_from_db()
    assert (payment.next_query_at, payment.queries) == (now, 1)
