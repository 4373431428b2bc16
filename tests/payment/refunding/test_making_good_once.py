"""One failed refund is made good once, by whichever of several ways and operators."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from apps.payment.exceptions import (
    Misconfigured,
    NotFailedThere,
    RefundedSince,
    RefundsChanged,
    Unknown,
)
from apps.payment.models import Payment, Refund
from apps.payment.services import pay_out, try_refund
from apps.users.models import User
from tests.payment.fake_gateway import Bank, FakeGateway
from tests.payment.refunding.conftest import ASKED, books, replace
from tests.world import unchanged

pytestmark = pytest.mark.django_db

WAYS = pytest.mark.parametrize("note", [None, "柜台现金"], ids=["transfer", "by hand"])


@pytest.fixture
def failed(ask: Callable, bank: Bank, later: Callable) -> Refund:
    """30.00 of 110.00; the next one succeeds."""
    bank.next_refund = "FAILED"
    refund = try_refund(ask())
    bank.next_refund = "DONE"
    later(timedelta(seconds=3))
    return refund


@WAYS
def test_nor_by_a_new_refund_and_otherwise(
    ask: Callable, bank: Bank, paid: Payment, failed: Refund, stranger: User, note: str | None
) -> None:
    """One operator writes a new refund, as the handbook says; another makes good the old one."""
    anew = try_refund(ask())
    with unchanged(), pytest.raises(RefundedSince) as refusal:
        replace(failed, stranger, note=note)
    assert refusal.value.extra == {"out_request_nos": [anew.out_request_no]}
    assert bank.returned(paid.out_trade_no) == 30


@WAYS
def test_what_was_for_something_else_does_not_stand_in_the_way(
    ask: Callable, paid: Payment, failed: Refund, stranger: User, note: str | None
) -> None:
    other = try_refund(ask("20.00"))
    assert replace(failed, stranger, note=note, despite=[other.out_request_no]).amount == 30
    assert paid.refunds.count() == 3


def test_nor_does_what_failed_or_was_there_before(
    ask: Callable, bank: Bank, failed: Refund, stranger: User, later: Callable
) -> None:
    try_refund(ask("20.00"))
    bank.next_refund = "FAILED"
    later(timedelta(seconds=3))
    second = try_refund(ask("10.00"))
    later(timedelta(seconds=3))
    third = try_refund(ask("5.00"))
    assert third.state == "failed"
    assert replace(second, stranger).amount == 10


@WAYS
def test_who_looked_at_other_figures_looks_again(failed: Refund, stranger: User, note: str) -> None:
    with unchanged(), pytest.raises(RefundsChanged):
        replace(failed, stranger, note=note, seen_refunded=Decimal("1.00"))


@WAYS
def test_it_arrived_after_all(
    bank: Bank, paid: Payment, failed: Refund, stranger: User, note: str | None
) -> None:
    bank.refunds[failed.out_request_no] = "DONE"
    with pytest.raises(NotFailedThere):
        replace(failed, stranger, note=note)
    assert books(paid) == (30, ["succeeded"])


@WAYS
@pytest.mark.parametrize("status", ["UNDER_WAY", "STUCK"])
def test_it_may_yet_arrive(
    bank: Bank, failed: Refund, stranger: User, note: str | None, status: str
) -> None:
    bank.refunds[failed.out_request_no] = status
    with pytest.raises(NotFailedThere):
        replace(failed, stranger, note=note)
    assert Refund.objects.get() == failed


@WAYS
def test_a_question_without_an_answer_proves_nothing(
    bank: Bank, failed: Refund, stranger: User, note: str | None
) -> None:
    bank.before[ASKED] = [Unknown("time-out")]
    with unchanged(), pytest.raises(Unknown):
        replace(failed, stranger, note=note)


def test_another_account_is_not_asked(
    failed: Refund, paid: Payment, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeGateway, "account", "merchant-2")
    with unchanged(), pytest.raises(Misconfigured):
        replace(failed, stranger)


def test_a_transfer_that_failed_is_not_repeated_when_the_refund_arrived(
    bank: Bank, paid: Payment, failed: Refund, stranger: User
) -> None:
    bank.next_refund = "FAILED"
    transfer = try_refund(replace(failed, stranger))
    assert transfer.state == "failed"
    bank.refunds[failed.out_request_no] = "DONE"
    with pytest.raises(NotFailedThere):
        replace(transfer, stranger)
    assert books(paid) == (30, ["succeeded", "failed"])


def test_a_new_refund_while_the_provider_is_asked(
    ask: Callable, bank: Bank, failed: Refund, stranger: User
) -> None:
    def another_operator_refunds(call: str) -> None:
        bank.hook = lambda call: None
        ask()

    bank.hook = another_operator_refunds
    with pytest.raises(RefundsChanged):
        pay_out(failed, by=stranger, seen_refunded=Decimal("0.00"))
    assert not Refund.objects.filter(channel="payout").exists()
