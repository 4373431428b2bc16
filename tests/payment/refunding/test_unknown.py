"""A refund without a clear end is asked after, sent again with the same number, and never given up silently."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from apps.core.tasks import run_command
from apps.payment.exceptions import (
    Rejected,
    Unknown,
)
from apps.payment.models import Payment, PaymentEvent, Refund
from apps.payment.services import (
    retry_refund,
    send_due_refunds,
    try_refund,
)
from tests.payment.fake_gateway import Bank, FakeGateway
from tests.payment.refunding.conftest import ASKED, SENT, books
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("moment", ["before", "after"])
def test_unknown_is_asked_first_and_moves_money_once(
    ask: Callable, bank: Bank, paid: Payment, later: Callable, moment: str
) -> None:
    """The time-out came before the money moved, or after; nobody knows which."""
    getattr(bank, moment)[SENT] = [Unknown("time-out")]
    refund = try_refund(ask())
    assert (refund.state, refund.answer) == ("unknown", "time-out")
    assert books(paid) == (30, ["unknown"])
    later(timedelta(seconds=10))
    assert send_due_refunds() == 1
    assert books(paid) == (30, ["succeeded"])
    assert bank.returned(paid.out_trade_no) == 30
    assert bank.calls == [SENT, ASKED, SENT] if moment == "before" else [SENT, ASKED]
    assert len(bank.refunds) == 1


def test_a_question_that_fails_sends_nothing(ask: Callable, bank: Bank, later: Callable) -> None:
    bank.before[SENT] = [Unknown("time-out")]
    bank.before[ASKED] = [Rejected("40004", "SYSTEM", ""), Unknown("time-out")]
    refund = try_refund(ask())
    for _ in range(2):
        refund = retry_refund(refund)
        assert refund.state == "unknown"
    assert bank.calls == [SENT, ASKED, ASKED]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_refusal_after_an_unknown_try_counts_only_when_no_question_can_lag_behind_it(
    ask: Callable,
    bank: Bank,
    paid: Payment,
    later: Callable,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    """A trade whose last yuan moved is closed, and refuses even the repetition of what closed it."""
    getattr(bank, moment)[SENT] = [Unknown("time-out")]
    refund = try_refund(ask("110.00"))
    bank.before[SENT] = [Rejected("40004", "ACQ.TRADE_STATUS_ERROR", "") for _ in range(2)]
    with monkeypatch.context() as lag:
        lag.setattr(FakeGateway, "refund_query", lambda self, order: None)
        later(timedelta(minutes=59))
        refund = retry_refund(refund)
    assert refund.state == "unknown"
    assert refund.answer.startswith("Refused, but")
    assert books(paid) == (110, ["unknown"])
    later(timedelta(minutes=61))
    expected = (0, ["failed"]) if moment == "before" else (110, ["succeeded"])
    retry_refund(refund)
    assert books(paid) == expected


def test_the_pauses_grow(ask: Callable, bank: Bank, later: Callable) -> None:
    bank.before[SENT] = [Unknown("")]
    bank.before[ASKED] = [Unknown("") for _ in range(6)]
    refund, pauses = ask(), []
    for _ in range(7):
        before = timezone.now()
        assert send_due_refunds() == 1
        assert send_due_refunds() == 0
        refund.refresh_from_db()
        pauses.append(round((refund.next_try_at - before).total_seconds()))
        later(refund.next_try_at - timezone.now() + timedelta(milliseconds=10))
    assert pauses == [10, 60, 300, 1800, 7200, 21600, 21600]


@pytest.mark.parametrize(
    ("then", "ends", "gone"), [("DONE", "succeeded", 30), ("FAILED", "failed", 0)]
)
def test_under_way_is_asked_after(
    ask: Callable, bank: Bank, paid: Payment, later: Callable, then: str, ends: str, gone: int
) -> None:
    bank.next_refund = "UNDER_WAY"
    refund = try_refund(ask())
    assert refund.state == "processing"
    later(timedelta(seconds=10))
    assert try_refund(refund).state == "processing"
    bank.refunds[refund.out_request_no] = then
    later(timedelta(minutes=1))
    assert try_refund(refund).state == ends
    assert books(paid) == (gone, [ends])
    assert bank.calls == [SENT, ASKED, ASKED]


def test_stuck_is_not_failed(ask: Callable, bank: Bank, paid: Payment) -> None:
    bank.next_refund = "STUCK"
    assert try_refund(ask()).state == "processing"
    assert PaymentEvent.objects.get(refund__isnull=False).verdict == "refund_stuck"
    assert books(paid) == (30, ["processing"])


def test_after_three_days_the_operators_hear_of_it_once_a_day(
    ask: Callable,
    bank: Bank,
    later: Callable,
    operators: None,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    bank.next_refund = "UNDER_WAY"
    refund = try_refund(ask())
    mail.outbox.clear()
    letters = []
    for _day in range(6):
        for _quarter in range(4):
            later(timedelta(hours=6))
            with django_capture_on_commit_callbacks(execute=True):
                retry_refund(refund)
        letters.append(len(mail.outbox))
    assert letters == [0, 0, 1, 2, 3, 4]
    assert refund.out_request_no in mail.outbox[0].subject


def test_an_operator_need_not_wait_for_the_pause(ask: Callable, bank: Bank) -> None:
    bank.before[SENT] = [Unknown("time-out")]
    refund = try_refund(ask())
    assert try_refund(refund).state == "unknown"
    assert bank.calls == [SENT]
    assert retry_refund(refund).state == "succeeded"
    with unchanged():
        assert retry_refund(refund).state == "succeeded"


def test_an_operator_does_not_disturb_a_try_that_is_under_way(ask: Callable, bank: Bank) -> None:
    refund = ask()

    def operator_presses(call: str) -> None:
        bank.hook = lambda call: None
        retry_refund(Refund.objects.get())

    bank.hook = operator_presses
    assert try_refund(refund).state == "succeeded"
    assert bank.calls == [SENT]


def test_an_operator_who_read_it_before_another_one_pressed(ask: Callable, bank: Bank) -> None:
    bank.before[SENT] = [Unknown("time-out")]
    refund = try_refund(ask())
    stale = Refund.objects.get()
    Refund.objects.claim(refund, at=refund.next_try_at, next_try_at=timezone.now())
    with unchanged():
        assert not Refund.objects.reschedule(stale, next_try_at=timezone.now())


def test_after_a_day_without_workers(ask: Callable, bank: Bank, later: Callable) -> None:
    bank.before[SENT] = [Unknown("time-out")]
    refund = try_refund(ask())
    later(timedelta(days=1))
    run_command("send_refunds")
    refund.refresh_from_db()
    assert refund.state == "succeeded"
