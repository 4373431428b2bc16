"""Who cancels an order, against who pays it, ships it or cancels it too: one wins, and its stock comes back once."""

from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.goods.models import SKU
from apps.orders.exceptions import WrongState
from apps.orders.models import Carrier, OrderEvent, OrderInfo, Shipment, Status
from apps.orders.services import canceling, ship_order
from apps.payment.exceptions import OrderNotPayable, PaidMeanwhile
from apps.payment.models import Payment, Refund
from apps.payment.services import (
    cancel_paid_order,
    cancel_unsettled_order,
    close_and_cancel_order,
    settle_cash,
)
from apps.payment.services import canceling as cancels
from apps.users.models import User
from tests.factories import OrderInfoFactory, SKUFactory
from tests.payment.fake_gateway import Bank
from tests.races.conftest import together
from tests.races.life import ORDERS, books_agree, look_first, pay, refused

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def cancel(order_id: str, by: User | None = None) -> bool:
    """By the buyer, or an operator; False if somebody was faster."""
    order = OrderInfo.objects.select_related("user").get(pk=order_id)
    return not refused(partial(close_and_cancel_order, order, by=by or order.user, reason="缺货"))


@pytest.mark.parametrize("is_operators", [False, True], ids=["buyer's", "operator's"])
def test_against_the_notice(
    bank: Bank, payments: list[Payment], operators: list[User], is_operators: bool
) -> None:
    by = operators[0] if is_operators else None
    pays = [partial(pay, bank, payment) for payment in payments]
    results = together(*pays, *(partial(cancel, payment.order_id, by) for payment in payments))
    for payment, is_paid, is_canceled in zip(
        payments, results[:ORDERS], results[ORDERS:], strict=True
    ):
        assert {is_paid, is_canceled} == {True, False}, "whoever comes first at the bank"
        status = OrderInfo.objects.get(pk=payment.order_id).status
        assert status == (Status.CANCELED if is_canceled else Status.UNSEND)
    assert not Refund.objects.exists()
    books_agree()


def test_control_who_closes_nothing_cancels_what_is_paid(
    bank: Bank, payments: list[Payment], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody told the bank, so it takes the money of a buyer who comes a moment later."""
    monkeypatch.setattr(cancels, "close_attempt", lambda payment: True)
    payment, is_canceled = payments[0], Event()

    def cancel_first() -> bool:
        done = cancel(payment.order_id)
        is_canceled.set()
        return done

    def pay_afterwards() -> bool:
        assert is_canceled.wait(timeout=30)
        return pay(bank, payment)

    results = together(pay_afterwards, cancel_first)
    assert results == [True, True], "this harness would not see an order both paid and canceled"


def test_buyers_against_operators(
    bank: Bank, payments: list[Payment], operators: list[User]
) -> None:
    """Both close the attempt at the provider before."""
    numbers = [payment.order_id for payment in payments]
    buyers = [partial(cancel, number) for number in numbers]
    results = together(*buyers, *(partial(cancel, number, operators[0]) for number in numbers))
    for number, by_buyer, by_operator in zip(
        numbers, results[:ORDERS], results[ORDERS:], strict=True
    ):
        assert {by_buyer, by_operator} == {True, False}
        event = OrderEvent.objects.get(order=number)
        assert (event.actor == operators[0]) is by_operator
    assert {trade.status for trade in bank.trades.values()} == {"CLOSED"}
    assert set(Payment.objects.values_list("state", flat=True)) == {"closed"}
    books_agree()


def test_control_without_the_status_in_the_update_both_give_the_stock_back(
    bank: Bank,
    payments: list[Payment],
    operators: list[User],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both_looked = Barrier(2)

    def look_then_cancel(order_id: str, *args: Any, **kwargs: Any) -> bool:
        orders = OrderInfo.objects.filter(pk=order_id)
        waits = orders.filter(status=Status.UNPAID).exists()
        both_looked.wait(timeout=30)
        orders.update(status=Status.CANCELED)
        return waits

    monkeypatch.setattr(canceling, "take_step", look_then_cancel)
    number = payments[0].order_id
    assert together(partial(cancel, number), partial(cancel, number, operators[0])) == [True, True]
    assert SKU.objects.get().sales == ORDERS - 2, "this harness would not see stock come back twice"
    with pytest.raises(CommandError):
        call_command("audit", verbosity=0)


def test_against_shipping(
    to_be_shipped: list[str], operators: list[User], carrier: Carrier
) -> None:
    calls = [partial(cancel_paid_order, no, by=operators[0], reason="缺货") for no in to_be_shipped]
    ships = [
        partial(ship_order, no, carrier=carrier, number="SF12345", by=operators[1])
        for no in to_be_shipped
    ]
    results = together(*calls, *ships)
    for number, canceled, shipped in zip(
        to_be_shipped, results[:ORDERS], results[ORDERS:], strict=True
    ):
        lost = [each for each in (canceled, shipped) if isinstance(each, Exception)]
        assert [type(each) for each in lost] == [WrongState]
        is_shipped = not isinstance(shipped, Exception)
        assert Shipment.objects.filter(order=number).exists() is is_shipped
        assert Refund.objects.filter(payment__order=number).exists() is not is_shipped
    books_agree()


def test_control_who_looks_first_cancels_what_is_shipped(
    to_be_shipped: list[str],
    operators: list[User],
    carrier: Carrier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = to_be_shipped[0]
    look_first(monkeypatch)
    results = together(
        partial(cancel_paid_order, number, by=operators[0], reason="缺货"),
        partial(ship_order, number, carrier=carrier, number="SF12345", by=operators[1]),
    )
    assert not [each for each in results if isinstance(each, Exception)]
    assert OrderEvent.objects.filter(order=number).count() == 3, "this harness would not see both"


@pytest.fixture
def cash() -> list[str]:
    """The numbers of orders on cash delivery whose cash has not come in."""
    sku = SKUFactory()
    return [OrderInfoFactory(skus=[sku], status=Status.UNSEND).pk for _ in range(ORDERS)]


def test_of_cash_against_recording_it(cash: list[str], operators: list[User]) -> None:
    cancels = [partial(cancel_unsettled_order, no, by=operators[0], reason="") for no in cash]
    settles = [partial(settle_cash, no, by=operators[1]) for no in cash]
    results = together(*cancels, *settles)
    for number, canceled, settled in zip(cash, results[:ORDERS], results[ORDERS:], strict=True):
        status = OrderInfo.objects.get(pk=number).status
        if status == Status.CANCELED:
            assert (canceled, type(settled)) == (None, OrderNotPayable)
        else:
            assert (type(canceled), type(settled)) == (PaidMeanwhile, Payment)
    assert not Refund.objects.exists()
    call_command("audit")


def test_control_who_looks_first_keeps_the_cash(
    cash: list[str], operators: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a beginner writes: nobody has paid, so nothing need go back."""
    monkeypatch.setattr(cancels, "refund_order", lambda *args, **kwargs: None)
    number = cash[0]
    looked, settled = Barrier(2), Barrier(2)

    def look_then_cancel(order_id: str, **about: Any) -> None:
        assert not Payment.objects.filter(settles=order_id).exists()
        looked.wait(timeout=30)
        settled.wait(timeout=30)
        cancel_paid_order(order_id, **about)

    def settle() -> None:
        looked.wait(timeout=30)
        settle_cash(number, by=operators[1])
        settled.wait(timeout=30)

    about = {"by": operators[0], "reason": ""}
    assert together(partial(look_then_cancel, number, **about), settle) == [None, None]
    with pytest.raises(CommandError):
        call_command("audit", verbosity=0)
