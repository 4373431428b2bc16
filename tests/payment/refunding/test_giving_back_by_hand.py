"""What neither the payment nor a transfer gives back, an operator gives back and records, once."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.payment.exceptions import (
    MadeGoodAlready,
    Misconfigured,
    NoteMissing,
    NotGivenBackByHand,
    NothingToRefund,
    NotPaidOut,
    Rejected,
)
from apps.payment.models import Payment, Refund, Statement
from apps.payment.services import apply_event, try_refund
from apps.payment.services.reconciliation.books import our_refunds
from apps.payment.services.reconciliation.days import beijing_day
from apps.users.models import User
from tests.payment.fake_gateway import Bank, FakeGateway
from tests.payment.refunding.conftest import ASKED, SENT, books, replace
from tests.world import unchanged

pytestmark = pytest.mark.django_db

NOTE = "银行转账 流水号 20261123"


@pytest.fixture
def failed(ask: Callable, bank: Bank) -> Refund:
    """30.00 of 110.00."""
    bank.next_refund = "FAILED"
    refund = try_refund(ask())
    assert refund.state == "failed"
    return refund


@pytest.fixture
def transfer(failed: Refund, stranger: User, later: Callable) -> Refund:
    """The same by transfer, which failed as well."""
    later(timedelta(seconds=3))
    transfer = try_refund(replace(failed, stranger))
    assert transfer.state == "failed"
    return transfer


def test_it_is_recorded_as_given(failed: Refund, paid: Payment, bank: Bank, stranger: User) -> None:
    by_hand = replace(failed, stranger, note=f" {NOTE}\n")
    assert (by_hand.channel, by_hand.out_request_no) == ("cash", f"{paid.out_trade_no}R02")
    assert (by_hand.amount, by_hand.state) == (Decimal("30.00"), "succeeded")
    assert (by_hand.reason, by_hand.cause) == (failed.reason, failed.cause)
    assert (by_hand.requested_by, by_hand.next_try_at) == (stranger, None)
    event = by_hand.events.get()
    assert (event.provider, event.kind, event.verdict) == ("cash", "operator", "refunded")
    assert event.payload == {"by": stranger.pk, "username": stranger.username, "note": NOTE}
    assert books(paid) == (30, ["failed", "succeeded"])
    assert bank.calls == [SENT, ASKED]


def test_no_bill_is_expected_to_list_it(failed: Refund, paid: Payment, stranger: User) -> None:
    day = beijing_day(timezone.now())
    bill = Statement.objects.create(provider="fake", account=paid.account, day=day)
    by_hand = replace(failed, stranger, note=NOTE)
    assert not our_refunds(bill).exists()
    Refund.objects.filter(pk=by_hand.pk).update(channel="original")
    assert our_refunds(bill).get() == by_hand


def test_said_twice_it_is_recorded_once(failed: Refund, paid: Payment, stranger: User) -> None:
    """The second may be somebody else, who has handed over the money as well."""
    by_hand = replace(failed, stranger, note=NOTE)
    with unchanged(), pytest.raises(MadeGoodAlready) as refusal:
        replace(failed, stranger, note="once more")
    assert refusal.value.extra == {"out_request_no": by_hand.out_request_no}


@pytest.mark.parametrize("word", [Misconfigured("no keys"), Rejected("40004", "TOO_OLD", "")])
def test_it_is_recorded_though_nobody_can_be_asked(
    failed: Refund, bank: Bank, stranger: User, word: Exception
) -> None:
    bank.before[ASKED] = [word]
    assert replace(failed, stranger, note=NOTE).state == "succeeded"


@pytest.mark.parametrize("note", ["", " \n", "长" * 501])
def test_without_a_note_nothing_is_recorded(failed: Refund, stranger: User, note: str) -> None:
    with unchanged(), pytest.raises(NoteMissing):
        replace(failed, stranger, note=note)


@pytest.mark.parametrize("state", ["requested", "processing", "unknown", "succeeded"])
def test_only_what_failed_is_given_back(ask: Callable, stranger: User, state: str) -> None:
    refund = ask()
    Refund.objects.update(state=state)
    with unchanged(), pytest.raises(NotGivenBackByHand):
        replace(refund, stranger, note=NOTE)


def test_nor_what_is_not_left_any_more(failed: Refund, ask: Callable, stranger: User) -> None:
    later = ask("110.00")
    with pytest.raises(NothingToRefund):
        replace(failed, stranger, note=NOTE, despite=[later.out_request_no])
    assert not Refund.objects.filter(channel="cash").exists()


def test_nor_what_is_on_its_way_by_transfer(failed: Refund, stranger: User) -> None:
    """Enough of the payment is left for both."""
    replace(failed, stranger)
    with unchanged(), pytest.raises(NotGivenBackByHand):
        replace(failed, stranger, note=NOTE)


def test_what_failed_by_transfer_too_is_given_back_once(
    failed: Refund, transfer: Refund, paid: Payment, stranger: User
) -> None:
    replace(transfer, stranger, note=NOTE)
    with unchanged(), pytest.raises(MadeGoodAlready):
        replace(failed, stranger, note=NOTE)
    assert books(paid) == (30, ["failed", "failed", "succeeded"])


def test_nor_what_arrived_after_all_while_its_transfer_failed(
    failed: Refund, transfer: Refund, bank: Bank, stranger: User
) -> None:
    bank.refunds[failed.out_request_no] = "DONE"
    apply_event(FakeGateway(bank).refund_told(failed.out_request_no))
    with unchanged(), pytest.raises(NotGivenBackByHand):
        replace(transfer, stranger, note=NOTE)


def test_what_was_given_back_by_hand_is_not_paid_out(
    failed: Refund, bank: Bank, stranger: User
) -> None:
    replace(failed, stranger, note=NOTE)
    with unchanged(), pytest.raises(NotPaidOut):
        replace(failed, stranger)
    assert "pay_out" not in bank.calls
