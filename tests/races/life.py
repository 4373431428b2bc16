"""What races at orders have in common: who pays, what a beginner writes, and how the books must look afterwards."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count

from apps.goods.models import SKU
from apps.orders.exceptions import WrongState
from apps.orders.models import MOVES, OrderEvent, OrderInfo, Status, Step
from apps.orders.models.orders import OrderInfoQuerySet
from apps.payment.models import Payment
from apps.payment.services import apply_event
from tests.payment.fake_gateway import Bank, FakeGateway

ORDERS = 6


def pay(bank: Bank, payment: Payment) -> bool:
    """A buyer pays, and the notice comes; False if the bank does not let him."""
    try:
        bank.pay(payment.out_trade_no, payment.amount)
    except AssertionError:
        return False
    apply_event(FakeGateway(bank).told(payment.out_trade_no))
    return True


def refused(call: Callable[[], Any]) -> bool:
    try:
        call()
    except WrongState:
        return True
    return False


def look_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps as a beginner writes them, in the moment that comes about sooner or later: two look, then both write."""
    both_looked = Barrier(2)

    def look_then_advance(
        orders: OrderInfoQuerySet, order_id: str, step: Step, **columns: Any
    ) -> bool:
        assert orders.filter(pk=order_id, status=MOVES[step].source).exists()
        both_looked.wait(timeout=30)
        return orders.filter(pk=order_id).update(status=MOVES[step].target, **columns) == 1

    monkeypatch.setattr(OrderInfoQuerySet, "advance", look_then_advance)


def books_agree() -> None:
    """Each order that is canceled has given its unit back once, and nothing else has; each step was taken once."""
    canceled = OrderInfo.objects.filter(status=Status.CANCELED).count()
    orders = OrderInfo.objects.count()
    assert SKU.objects.values_list("stock", "sales").get() == (10 + canceled, orders - canceled)
    steps = OrderEvent.objects.values("order", "step").annotate(times=Count("pk"))
    assert {each["times"] for each in steps} <= {1}
    for order in OrderInfo.objects.prefetch_related("events"):
        taken = [Status.UNPAID, *(event.to_status for event in order.events.all())]
        assert taken[-1] == order.status
    call_command("audit")
