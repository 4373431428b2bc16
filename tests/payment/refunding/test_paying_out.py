"""What a payment can no longer give back goes to the payer by transfer."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.payment.exceptions import (
    MadeGoodAlready,
    NothingToRefund,
    NotPaidOut,
    Rejected,
    Unknown,
)
from apps.payment.models import Payment, Refund
from apps.payment.services import retry_refund, try_refund
from apps.users.models import User
from tests.payment.fake_gateway import Bank, FakeGateway
from tests.payment.refunding.conftest import ASKED, SENT, books, replace
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def test_a_failed_one_is_paid_out(
    ask: Callable, bank: Bank, paid: Payment, stranger: User, later: Callable
) -> None:
    bank.before[SENT] = [Rejected("40004", "ACQ.TRADE_HAS_FINISHED", "")]
    failed = try_refund(ask())
    transfer = replace(failed, stranger)
    assert (transfer.channel, transfer.out_request_no) == ("payout", f"{paid.out_trade_no}R02")
    with unchanged(), pytest.raises(MadeGoodAlready):
        replace(failed, stranger)
    bank.after["pay_out"] = [Unknown("time-out")]
    later(timedelta(seconds=3))
    assert try_refund(transfer).state == "unknown"
    assert retry_refund(transfer).state == "succeeded"
    assert books(paid) == (30, ["failed", "succeeded"])
    assert bank.calls == [SENT, ASKED, "pay_out", "payout_query"]
    assert bank.returned(paid.out_trade_no) == 30


def test_only_what_failed_is_paid_out(ask: Callable, paid: Payment, stranger: User) -> None:
    refund = ask()
    with unchanged(), pytest.raises(NotPaidOut):
        replace(refund, stranger)


def test_nobody_is_paid_out_whom_we_do_not_know(
    ask: Callable, bank: Bank, paid: Payment, stranger: User
) -> None:
    bank.next_refund = "FAILED"
    refund = try_refund(ask())
    Payment.objects.update(payer="")
    with unchanged(), pytest.raises(NotPaidOut):
        replace(refund, stranger)


def test_nobody_is_paid_out_through_who_transfers_nothing(
    ask: Callable, bank: Bank, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank.next_refund = "FAILED"
    refund = try_refund(ask())
    monkeypatch.setattr(FakeGateway, "pays_out", False)
    with unchanged(), pytest.raises(NotPaidOut):
        replace(refund, stranger)
    assert "pay_out" not in bank.calls


def test_what_was_refunded_otherwise_is_not_paid_out(
    ask: Callable, bank: Bank, stranger: User
) -> None:
    bank.next_refund = "FAILED"
    refund = try_refund(ask())
    later = ask("110.00")
    with pytest.raises(NothingToRefund):
        replace(refund, stranger, despite=[later.out_request_no])
    assert not Refund.objects.filter(channel="payout").exists()
