"""A refund moves money once, whatever its provider answers."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail

from apps.core.tasks import run_command
from apps.orders.exceptions import KeyReused
from apps.orders.models import OrderInfo
from apps.payment.exceptions import (
    Misconfigured,
    NothingToRefund,
    RefundAmountInvalid,
    Rejected,
)
from apps.payment.models import Payment, PaymentEvent
from apps.payment.services import (
    apply_event,
    request_refund,
    send_due_refunds,
    try_refund,
)
from apps.users.models import User
from tests.payment.fake_gateway import Bank, FakeGateway
from tests.payment.refunding.conftest import SENT, books
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def test_part_and_the_rest(ask: Callable, bank: Bank, paid: Payment, later: Callable) -> None:
    refund = ask("30.00")
    assert (refund.state, bank.calls) == ("requested", [])
    assert books(paid) == (30, ["requested"])
    run_command("send_refunds")
    assert books(paid) == (30, ["succeeded"])
    assert bank.returned(paid.out_trade_no) == 30
    later(timedelta(seconds=3))
    assert try_refund(ask("80.00")).state == "succeeded"
    assert books(paid) == (110, ["succeeded", "succeeded"])
    assert bank.calls == [SENT, SENT]
    with unchanged(), pytest.raises(NothingToRefund):
        ask("0.01")
    with unchanged():
        run_command("send_refunds")


@pytest.mark.parametrize(
    ("amount", "raised"),
    [
        ("0.00", RefundAmountInvalid),
        ("-1.00", RefundAmountInvalid),
        ("0.001", RefundAmountInvalid),
        ("110.01", NothingToRefund),
    ],
)
def test_an_amount_that_cannot_be(ask: Callable, amount: str, raised: type[Exception]) -> None:
    with unchanged(), pytest.raises(raised):
        ask(amount)


def test_an_order_that_nobody_paid(order: OrderInfo, stranger: User) -> None:
    with unchanged(), pytest.raises(NothingToRefund):
        request_refund(order.pk, amount=Decimal("1.00"), reason="", by=stranger)


def test_the_same_key_is_the_same_refund(ask: Callable) -> None:
    first = ask(key="digest")
    with unchanged():
        assert ask(key="digest") == first
        with pytest.raises(KeyReused):
            ask("31.00", key="digest")
        with pytest.raises(KeyReused):
            ask(key="digest", reason="另一个原因")


def test_the_providers_pause_between_two_refunds_is_kept(
    ask: Callable, bank: Bank, later: Callable
) -> None:
    ask("10.00"), ask("20.00")
    assert send_due_refunds() == 1
    assert bank.calls == [SENT]
    later(timedelta(seconds=2))
    assert send_due_refunds() == 0
    later(timedelta(seconds=1))
    assert send_due_refunds() == 1
    assert bank.calls == [SENT, SENT]


def test_not_enough_money_just_now(
    ask: Callable, bank: Bank, paid: Payment, later: Callable
) -> None:
    bank.before[SENT] = [Rejected("40004", "SELLER_BALANCE_NOT_ENOUGH", "", is_temporary=True)]
    assert try_refund(ask()).state == "requested"
    assert books(paid) == (30, ["requested"])
    later(timedelta(seconds=10))
    send_due_refunds()
    assert books(paid) == (30, ["succeeded"])


def test_a_final_refusal_fails_it_and_alerts(
    ask: Callable,
    bank: Bank,
    paid: Payment,
    operators: None,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    bank.before[SENT] = [Rejected("40004", "ACQ.TRADE_HAS_FINISHED", "too late")]
    with django_capture_on_commit_callbacks(execute=True):
        assert try_refund(ask()).state == "failed"
    assert books(paid) == (0, ["failed"])
    event = PaymentEvent.objects.get(refund__isnull=False)
    assert (event.verdict, event.status) == ("refund_failed", "ACQ.TRADE_HAS_FINISHED")
    assert f"{paid.out_trade_no}：退款失败 refund_failed" in mail.outbox[0].subject
    assert try_refund(ask("110.00")).out_request_no.endswith("R02")


def test_wrong_keys_are_not_a_refusal(ask: Callable, bank: Bank, paid: Payment) -> None:
    bank.before[SENT] = [Misconfigured("keys")]
    assert try_refund(ask()).state == "requested"
    assert books(paid) == (30, ["requested"])


def test_money_that_moved_although_we_had_booked_it_failed_is_booked_and_alerts_once(
    ask: Callable,
    bank: Bank,
    paid: Payment,
    operators: None,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    bank.next_refund = "FAILED"
    refund = try_refund(ask())
    assert books(paid) == (0, ["failed"])
    bank.refunds[refund.out_request_no] = "DONE"
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            apply_event(FakeGateway(bank).refund_told(refund.out_request_no))
    assert books(paid) == (30, ["succeeded"])
    (letter,) = mail.outbox
    assert f"退款单 {refund} 在被认定失败后又到账" in letter.subject


def test_what_was_given_up_and_refunded_otherwise_is_not_booked_twice(
    ask: Callable, bank: Bank, paid: Payment, later: Callable
) -> None:
    """More than was paid has gone back: no booking makes that right."""
    bank.next_refund = "FAILED"
    given_up = try_refund(ask("110.00"))
    bank.next_refund = "DONE"
    later(timedelta(seconds=3))
    try_refund(ask("110.00"))
    bank.refunds[given_up.out_request_no] = "DONE"
    told = FakeGateway(bank).refund_told(given_up.out_request_no)
    assert apply_event(told).verdict == "wrong_amount"
    assert books(paid) == (110, ["failed", "succeeded"])


def test_another_amount_than_asked_for_changes_nothing(
    ask: Callable, bank: Bank, paid: Payment
) -> None:
    bank.next_refund = "UNDER_WAY"
    refund = try_refund(ask())
    told = FakeGateway(bank).refund_told(
        refund.out_request_no, outcome="succeeded", amount=Decimal("29.99"), event_id="1"
    )
    assert apply_event(told).verdict == "wrong_amount"
    assert books(paid) == (30, ["processing"])
