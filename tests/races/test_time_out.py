"""The job that cancels what nobody paid, against money that comes by a notice or a question, and against itself."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from apps.orders.models import OrderInfo, Status
from apps.orders.services import cancel_unpaid_order
from apps.payment.models import Payment, Refund
from apps.payment.services import cancel_overdue_orders, poll_due_payments
from tests.payment.fake_gateway import Bank
from tests.races.conftest import together
from tests.races.life import ORDERS, books_agree, pay

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def over(payments: list[Payment]) -> list[Payment]:
    """The time of all these attempts and their orders is over, and nobody has asked after them since."""
    past = timezone.now() - timedelta(minutes=2)
    OrderInfo.objects.update(expires_at=past)
    Payment.objects.update(expires_at=past, next_query_at=past)
    return payments


def numbers_in(*states: Status) -> int:
    return OrderInfo.objects.filter(status__in=states).count()


def test_against_a_late_notice(bank: Bank, over: list[Payment]) -> None:
    """Attempts hold their orders open; without one, whoever is first decides."""
    Payment.objects.update(state=Payment.State.CLOSED, next_query_at=None)
    pays = [partial(pay, bank, payment) for payment in over]
    *paid, first, second = together(*pays, cancel_overdue_orders, cancel_overdue_orders)
    assert paid == [True] * ORDERS
    assert first + second == numbers_in(Status.CANCELED)
    assert Refund.objects.count() == first + second, "what came too late goes back"
    assert numbers_in(Status.UNSEND) == ORDERS - first - second
    books_agree()


def pay_in_silence(bank: Bank, payments: Iterable[Payment]) -> None:
    """The notices are lost."""
    for payment in payments:
        bank.pay(payment.out_trade_no, payment.amount)


def test_against_the_question_that_finds_it_paid(bank: Bank, over: list[Payment]) -> None:
    """Half of them are paid and we have not heard of it; the job waits until each attempt has ended."""
    pay_in_silence(bank, over[::2])
    jobs = [poll_due_payments, cancel_overdue_orders]
    polled, canceled, polled_too, canceled_too = together(*jobs, *jobs)
    assert polled + polled_too == ORDERS
    canceled += canceled_too + cancel_overdue_orders()
    assert canceled == numbers_in(Status.CANCELED) == ORDERS - len(over[::2])
    assert numbers_in(Status.UNSEND) == len(over[::2])
    assert not Refund.objects.exists(), "no paid order was canceled"
    books_agree()


def test_control_a_job_that_waits_for_no_attempt_cancels_what_is_paid(
    bank: Bank, over: list[Payment]
) -> None:
    """What a beginner writes: whatever is past its time is canceled."""
    pay_in_silence(bank, over)

    def cancel_whatever_is_late() -> None:
        for order in OrderInfo.objects.overdue(timezone.now()):
            cancel_unpaid_order(order.pk)

    cancel_whatever_is_late()
    together(poll_due_payments, cancel_whatever_is_late)
    assert Refund.objects.count() == ORDERS, "this harness would not see a paid order canceled"
