"""What buyers do not say in time, the shop says for them."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.tasks import run_command
from apps.orders.models import OrderEvent, OrderInfo, Status
from apps.orders.services import receive_overdue_orders, receiving
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def late() -> Callable[..., OrderInfo]:
    """Make an order that counts as received since so many minutes ago."""
    buyer, sku = UserFactory(), SKUFactory()

    def make(minutes: float = 1, status: Status = Status.UNRECEIVED) -> OrderInfo:
        receive_by = timezone.now() - timedelta(minutes=minutes)
        return OrderInfoFactory(user=buyer, skus=[sku], status=status, receive_by=receive_by)

    return make


def test_only_what_is_under_way_and_late(late: Callable) -> None:
    order = late()
    for status in Status:
        if status != Status.UNRECEIVED:
            late(status=status)
    late(minutes=-5)
    OrderInfoFactory(status=Status.UNRECEIVED)
    run_command("receive_overdue_orders")
    order.refresh_from_db()
    assert order.status == Status.UNCOMMENT
    event = OrderEvent.objects.get()
    assert (event.order_id, event.step, event.actor_id) == (order.pk, "receive", None)
    with unchanged():
        assert receive_overdue_orders() == 0


def test_one_that_fails_holds_up_no_other(
    late: Callable, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    orders = [late(minutes) for minutes in (5, 5, 4, 3, 2)]
    bad = orders[1].pk
    real = receiving.receive_order

    def fail(order_id: str, **about: Any) -> bool:
        if order_id == bad:
            raise RuntimeError(order_id)
        return real(order_id, **about)

    monkeypatch.setattr(receiving, "receive_order", fail)
    monkeypatch.setattr(receiving, "BATCH", 2)
    assert receive_overdue_orders() == 4
    assert OrderInfo.objects.get(status=Status.UNRECEIVED).pk == bad
    assert bad in caplog.text


def test_a_run_has_an_end(late: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        late()
    ticks = count(step=20)
    # Begun at 0, it ends at 50: two orders were looked at at 20 and 40.
    assert receive_overdue_orders(clock=lambda: next(ticks)) == 2
    assert receive_overdue_orders() == 3


def test_two_statements_each_in_a_transaction(
    late: Callable, django_assert_num_queries: type[CaptureQueriesContext]
) -> None:
    for _ in range(5):
        late()
    # The list; then a savepoint, the step, its event, and the end of the savepoint.
    with django_assert_num_queries(1 + 5 * 4):
        assert receive_overdue_orders() == 5
