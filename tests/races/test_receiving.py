"""An order is received once, by its buyer or because its time is over, and by one worker of several."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.orders.models import OrderEvent, OrderInfo, Status, Step
from apps.orders.services import receive_order, receive_overdue_orders
from tests.factories import OrderInfoFactory, SKUFactory
from tests.races.conftest import together
from tests.races.life import ORDERS, look_first

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def under_way() -> list[OrderInfo]:
    """So long that they count as received."""
    sku, past = SKUFactory(), timezone.now() - timedelta(minutes=2)
    return [
        OrderInfoFactory(skus=[sku], status=Status.UNRECEIVED, receive_by=past)
        for _ in range(ORDERS)
    ]


def test_by_the_buyer_against_the_job(under_way: list[OrderInfo]) -> None:
    buyers = [partial(receive_order, order.pk, by=order.user) for order in under_way]
    *by_buyers, first, second = together(*buyers, receive_overdue_orders, receive_overdue_orders)
    assert sum(by_buyers) + first + second == ORDERS
    for order, is_buyers in zip(under_way, by_buyers, strict=True):
        event = OrderEvent.objects.get(order=order)
        assert (event.step, event.actor) == (Step.RECEIVE, order.user if is_buyers else None)
    assert set(OrderInfo.objects.values_list("status", flat=True)) == {Status.UNCOMMENT}
    call_command("audit")


def test_by_two_workers(under_way: list[OrderInfo]) -> None:
    assert sum(together(receive_overdue_orders, receive_overdue_orders)) == ORDERS
    assert OrderEvent.objects.filter(step=Step.RECEIVE).count() == ORDERS


def test_control_who_looks_first_receives_it_twice(
    under_way: list[OrderInfo], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both get as far as the unique key of the events."""
    look_first(monkeypatch)
    order = under_way[0]
    results = together(*[partial(receive_order, order.pk, by=order.user)] * 2)
    assert sorted(type(each).__name__ for each in results) == ["IntegrityError", "bool"]
