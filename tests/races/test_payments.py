"""Notices, jobs and operators at the same moment: money is taken in once, goes back once, and the books agree."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.goods.models import SKU
from apps.orders.models import OrderInfo
from apps.orders.services import cancel_unpaid_order, canceling
from apps.payment.exceptions import NothingToRefund
from apps.payment.models import Payment, PaymentEvent, Refund
from apps.payment.models.payments import PaymentQuerySet
from apps.payment.models.refunds import RefundQuerySet
from apps.payment.services import (
    apply_event,
    cancel_overdue_orders,
    payment_effects,
    poll_due_payments,
    request_refund,
    send_due_refunds,
    start_payment,
)
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory
from tests.payment.fake_gateway import Bank, FakeGateway
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PRICE = Decimal("50.00")
Status = OrderInfo.Status


@pytest.fixture
def attempt(bank: Bank) -> Callable[[], Payment]:
    """Make an unpaid order over 50.00 of one and the same SKU, and an attempt to pay it."""
    sku = SKUFactory()

    def attempt() -> Payment:
        order = OrderInfoFactory(
            skus=[sku],
            status=Status.UNPAID,
            pay_method=OrderInfo.PayMethod.ALIPAY,
            expires_at=timezone.now() + timedelta(minutes=30),
        )
        return start_payment(order.user, order.pk, provider="fake", product="code").payment

    return attempt


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self)


def paid(bank: Bank, payment: Payment) -> Payment:
    bank.pay(payment.out_trade_no, payment.amount)
    apply_event(FakeGateway(bank).told(payment.out_trade_no))
    return payment


def let_time_run_out() -> None:
    past = timezone.now() - timedelta(minutes=2)
    OrderInfo.objects.filter(status=Status.UNPAID).update(expires_at=past)
    Payment.objects.filter(state="pending").update(expires_at=past, next_query_at=past)


def tellings(bank: Bank, payment: Payment, count: int) -> list[partial[PaymentEvent]]:
    """The same notice again and again, and as often the answer to a question."""
    bank.pay(payment.out_trade_no, payment.amount)
    told = partial(FakeGateway(bank).told, payment.out_trade_no)
    return [partial(apply_event, told(kind=kind)) for kind in ("notice", "query")] * (count // 2)


def test_the_same_notice_twenty_times(bank: Bank, attempt: Callable) -> None:
    payment = attempt()
    records = together(*tellings(bank, payment, 20))
    assert {type(record) for record in records} == {PaymentEvent}
    verdicts = sorted(PaymentEvent.objects.values_list("verdict", flat=True))
    assert verdicts == ["no_change", "settled"]
    assert not Refund.objects.exists()
    call_command("audit")


def test_control_without_the_attempts_lock_it_is_surplus_as_well(
    bank: Bank, attempt: Callable, unlocked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_read, real = Barrier(2), payment_effects.take

    def take(payment: Payment, told: Any) -> Any:
        both_read.wait(timeout=30)
        return real(payment, told)

    monkeypatch.setattr(payment_effects, "take", take)
    payment = attempt()
    together(*tellings(bank, payment, 2))
    assert Refund.objects.count() == 1, "this harness would not see an order paid and refunded"
    with pytest.raises(CommandError):
        call_command("audit")


def test_a_payment_in_the_last_moment_against_the_expiry_jobs(
    bank: Bank, attempt: Callable
) -> None:
    payments = [attempt() for _ in range(8)]
    let_time_run_out()

    def pay(payment: Payment) -> bool:
        try:
            paid(bank, payment)
        except AssertionError:
            return False
        return True

    def jobs() -> None:
        poll_due_payments()
        cancel_overdue_orders()

    *won, _, _ = together(*(partial(pay, payment) for payment in payments), jobs, jobs)
    cancel_overdue_orders()
    for payment, is_paid in zip(payments, won, strict=True):
        payment.refresh_from_db()
        assert payment.state == ("succeeded" if is_paid else "closed")
        expected = Status.UNSEND if is_paid else Status.CANCELED
        assert OrderInfo.objects.get(pk=payment.order_id).status == expected
    call_command("audit")


def test_a_late_notice_against_the_canceling(bank: Bank, attempt: Callable) -> None:
    """Whoever comes first: the order is paid, or it is canceled and the money goes back."""
    payments = [attempt() for _ in range(8)]
    notices = [partial(paid, bank, payment) for payment in payments]
    cancels = [partial(cancel_unpaid_order, payment.order_id) for payment in payments]
    results = together(*notices, *cancels)
    for payment, is_canceled in zip(payments, results[len(payments) :], strict=True):
        payment.refresh_from_db()
        assert payment.state == ("surplus" if is_canceled else "succeeded")
        assert payment.refunded_amount == (PRICE if is_canceled else 0)
    call_command("audit")


def test_control_look_then_cancel_keeps_the_money(
    bank: Bank, attempt: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, settled = Event(), Event()

    def look_then_cancel(order_id: str, *args: Any, **kwargs: Any) -> bool:
        orders = OrderInfo.objects
        assert orders.filter(pk=order_id, status=Status.UNPAID).exists()
        looked.set()
        assert settled.wait(timeout=30)
        return bool(orders.filter(pk=order_id).update(status=Status.CANCELED))

    def pay() -> None:
        assert looked.wait(timeout=30)
        paid(bank, payment)
        settled.set()

    monkeypatch.setattr(canceling, "take_step", look_then_cancel)
    payment = attempt()
    together(partial(cancel_unpaid_order, payment.order_id), pay)
    payment.refresh_from_db()
    assert payment.state == "succeeded"
    assert OrderInfo.objects.get().status == Status.CANCELED, "this harness would not see it"


def test_two_operators_refund_all_of_an_order(bank: Bank, attempt: Callable) -> None:
    orders = [paid(bank, attempt()).order_id for _ in range(4)]
    operators = [UserFactory(), UserFactory()]
    calls = [
        partial(request_refund, order_id, amount=PRICE, reason="", by=by)
        for order_id in orders
        for by in operators
    ]
    results = together(*calls)
    for pair in zip(results[::2], results[1::2], strict=True):
        assert {type(each) for each in pair} == {Refund, NothingToRefund}
    assert send_due_refunds() == len(orders)
    assert {bank.returned(each.out_trade_no) for each in Payment.objects.all()} == {PRICE}
    call_command("audit")


def look_then_reserve(payments: PaymentQuerySet, payment_id: int, amount: Decimal) -> bool:
    """What a beginner writes, in a moment that comes about sooner or later."""
    if payments.get(pk=payment_id).refundable_amount < amount:
        return False
    both_looked.wait(timeout=30)
    payments.filter(pk=payment_id).update(refunded_amount=amount)
    return True


both_looked = Barrier(2)


@pytest.mark.parametrize(
    ("reserve", "granted"),
    [(PaymentQuerySet.reserve_refund, [False, True]), (look_then_reserve, [True, True])],
    ids=["ours", "control"],
)
def test_all_of_a_payment_is_set_aside_once(
    bank: Bank, attempt: Callable, reserve: Callable, granted: list[bool]
) -> None:
    payment = paid(bank, attempt())
    both_looked.reset()
    calls = [partial(reserve, Payment.objects.all(), payment.pk, PRICE)] * 2
    assert sorted(together(*calls)) == granted


@pytest.fixture
def refund(bank: Bank, attempt: Callable) -> Refund:
    payment = paid(bank, attempt())
    bank.calls.clear()
    return request_refund(payment.order_id, amount=PRICE, reason="", by=UserFactory())


def test_four_workers_send_a_refund_once(bank: Bank, refund: Refund) -> None:
    assert sorted(together(*[send_due_refunds] * 4)) == [0, 0, 0, 1]
    assert bank.calls == ["refund"]
    call_command("audit")


def test_control_without_the_claim_two_workers_send_it_twice(
    bank: Bank, refund: Refund, unlocked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_found_it = Barrier(2)

    def look_then_claim(
        refunds: RefundQuerySet, refund: Refund, *, at: Any, next_try_at: Any
    ) -> bool:
        is_due = refunds.due(at).filter(pk=refund.pk).exists()
        both_found_it.wait(timeout=30)
        refunds.filter(pk=refund.pk).update(next_try_at=next_try_at, tried_at=at)
        return is_due

    monkeypatch.setattr(RefundQuerySet, "claim", look_then_claim)
    together(send_due_refunds, send_due_refunds)
    assert bank.calls == ["refund", "refund"], "this harness would not see a second call"


def test_four_workers_give_the_stock_back_once(bank: Bank, attempt: Callable) -> None:
    for _ in range(6):
        attempt()
    Payment.objects.update(state="closed", next_query_at=None)
    let_time_run_out()
    sold = SKU.objects.get().sales
    assert sum(together(*[cancel_overdue_orders] * 4)) == 6
    assert SKU.objects.get().sales == sold - 6
    call_command("audit")


def test_control_without_the_status_in_the_update_it_comes_back_twice(
    bank: Bank, attempt: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_looked = Barrier(2)

    def look_then_cancel(order_id: str, *args: Any, **kwargs: Any) -> bool:
        orders = OrderInfo.objects
        waits = orders.filter(pk=order_id, status=Status.UNPAID).exists()
        both_looked.wait(timeout=30)
        orders.filter(pk=order_id).update(status=Status.CANCELED)
        return waits

    monkeypatch.setattr(canceling, "take_step", look_then_cancel)
    order_id = attempt().order_id
    SKU.objects.update(sales=F("sales") + 1, opening_stock=F("opening_stock") + 1)
    together(*[partial(cancel_unpaid_order, order_id)] * 2)
    assert SKU.objects.get().sales == 0, "this harness would not see stock given back twice"
