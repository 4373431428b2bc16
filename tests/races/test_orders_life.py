"""Buyers, operators, providers and jobs at one order at the same moment: one wins, and the books agree."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.goods.models import SKU
from apps.orders.exceptions import WrongState
from apps.orders.models import MOVES, Carrier, OrderEvent, OrderInfo, Shipment, Status, Step
from apps.orders.models.orders import OrderInfoQuerySet
from apps.orders.services import receive_overdue_orders, ship_order
from apps.payment.models import Payment, Refund
from apps.payment.services import (
    apply_event,
    cancel_overdue_orders,
    cancel_paid_order,
    close_and_cancel_order,
    start_payment,
)
from apps.users.models import User
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory
from tests.payment.fake_gateway import Bank, FakeGateway, open_banks
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ORDERS = 6


@pytest.fixture
def bank() -> Iterator[Bank]:
    bank = Bank()
    with open_banks(bank):
        yield bank


@pytest.fixture
def operators() -> list[User]:
    return [UserFactory(username=f"operator{number}") for number in range(2)]


@pytest.fixture
def carrier() -> Carrier:
    return Carrier.objects.get_or_create(code="shunfeng", defaults={"name": "顺丰速运"})[0]


@pytest.fixture
def payments(bank: Bank) -> list[Payment]:
    """Attempts to pay as many orders of one and the same SKU."""
    sku = SKUFactory()
    orders = [
        OrderInfoFactory(
            skus=[sku],
            status=Status.UNPAID,
            pay_method=OrderInfo.PayMethod.ALIPAY,
            expires_at=timezone.now() + timedelta(minutes=30),
        )
        for _ in range(ORDERS)
    ]
    return [
        start_payment(order.user, order.pk, provider="fake", product="code").payment
        for order in orders
    ]


def pay(bank: Bank, payment: Payment) -> bool:
    try:
        bank.pay(payment.out_trade_no, payment.amount)
    except AssertionError:
        return False
    apply_event(FakeGateway(bank).told(payment.out_trade_no))
    return True


def to_be_shipped(bank: Bank, payments: list[Payment]) -> None:
    assert all(pay(bank, payment) for payment in payments)


def refused(call: Callable[[], Any]) -> bool:
    try:
        call()
    except WrongState:
        return True
    return False


def books_agree() -> None:
    """Each order that is canceled has given its unit back once, and nothing else has."""
    canceled = OrderInfo.objects.filter(status=Status.CANCELED).count()
    assert SKU.objects.values_list("stock", "sales").get() == (10 + canceled, ORDERS - canceled)
    call_command("audit")


def test_a_buyers_cancel_against_the_notice(bank: Bank, payments: list[Payment]) -> None:
    def cancel(payment: Payment) -> bool:
        order = OrderInfo.objects.select_related("user").get(pk=payment.order_id)
        return not refused(partial(close_and_cancel_order, order, by=order.user))

    pays = [partial(pay, bank, payment) for payment in payments]
    results = together(*pays, *(partial(cancel, payment) for payment in payments))
    for payment, is_paid, is_canceled in zip(
        payments, results[:ORDERS], results[ORDERS:], strict=True
    ):
        assert {is_paid, is_canceled} == {True, False}, "whoever comes first at the bank"
        status = OrderInfo.objects.get(pk=payment.order_id).status
        assert status == (Status.CANCELED if is_canceled else Status.UNSEND)
    assert not Refund.objects.exists()
    books_agree()


def test_canceling_against_shipping(
    bank: Bank, payments: list[Payment], operators: list[User], carrier: Carrier
) -> None:
    to_be_shipped(bank, payments)
    numbers = [payment.order_id for payment in payments]
    cancels = [partial(cancel_paid_order, no, by=operators[0], reason="缺货") for no in numbers]
    ships = [
        partial(ship_order, no, carrier=carrier, number="SF12345", by=operators[1])
        for no in numbers
    ]
    results = together(*cancels, *ships)
    for number, canceled, shipped in zip(numbers, results[:ORDERS], results[ORDERS:], strict=True):
        lost = [each for each in (canceled, shipped) if isinstance(each, Exception)]
        assert [type(each) for each in lost] == [WrongState]
        is_shipped = not isinstance(shipped, Exception)
        assert Shipment.objects.filter(order=number).exists() is is_shipped
        assert Refund.objects.filter(payment__order=number).exists() is not is_shipped
    books_agree()


def test_control_who_looks_first_cancels_what_is_shipped(
    bank: Bank,
    payments: list[Payment],
    operators: list[User],
    carrier: Carrier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    to_be_shipped(bank, payments[:1])
    number = payments[0].order_id
    both_looked = Barrier(2)

    def look_then_advance(
        orders: OrderInfoQuerySet, order_id: str, step: Step, **columns: Any
    ) -> bool:
        assert orders.filter(pk=order_id, status=MOVES[step].source).exists()
        both_looked.wait(timeout=30)
        return orders.filter(pk=order_id).update(status=MOVES[step].target, **columns) == 1

    monkeypatch.setattr(OrderInfoQuerySet, "advance", look_then_advance)
    results = together(
        partial(cancel_paid_order, number, by=operators[0], reason="缺货"),
        partial(ship_order, number, carrier=carrier, number="SF12345", by=operators[1]),
    )
    assert not [each for each in results if isinstance(each, Exception)]
    assert OrderEvent.objects.filter(order=number).count() == 3, "this harness would not see both"


def test_two_operators_ship(
    bank: Bank, payments: list[Payment], operators: list[User], carrier: Carrier
) -> None:
    to_be_shipped(bank, payments)
    results = together(
        *(
            partial(ship_order, payment.order_id, carrier=carrier, number=number, by=operator)
            for payment in payments
            for operator, number in zip(operators, ("SF11111", "SF22222"), strict=True)
        )
    )
    for pair in zip(results[::2], results[1::2], strict=True):
        assert sorted(type(each).__name__ for each in pair) == ["Shipment", "WrongState"]
    assert Shipment.objects.count() == ORDERS
    books_agree()


def test_the_time_runs_out_against_a_payment(bank: Bank, payments: list[Payment]) -> None:
    """Attempts hold their orders open; without one, whoever is first decides."""
    past = timezone.now() - timedelta(minutes=2)
    Payment.objects.update(state=Payment.State.CLOSED, next_query_at=None)
    OrderInfo.objects.update(expires_at=past)
    pays = [partial(pay, bank, payment) for payment in payments]
    *paid, first, second = together(*pays, cancel_overdue_orders, cancel_overdue_orders)
    assert paid == [True] * ORDERS
    canceled = OrderInfo.objects.filter(status=Status.CANCELED).count()
    assert first + second == canceled
    assert Refund.objects.count() == canceled, "what came too late goes back"
    assert OrderInfo.objects.filter(status=Status.UNSEND).count() == ORDERS - canceled
    books_agree()


def test_two_workers_take_orders_as_received() -> None:
    sku = SKUFactory()
    past = timezone.now() - timedelta(minutes=2)
    for _ in range(ORDERS):
        OrderInfoFactory(skus=[sku], status=Status.UNRECEIVED, receive_by=past)
    results = together(receive_overdue_orders, receive_overdue_orders)
    assert sum(results) == ORDERS
    assert OrderEvent.objects.filter(step=Step.RECEIVE).count() == ORDERS
