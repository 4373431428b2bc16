"""SIGKILL between two orders of a spreadsheet or a job, and halfway through one: nothing is half applied.

What was done stays done, what was under way was never begun, and doing it all again finishes it once.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from apps.orders.models import Carrier, Status
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory
from tests.processes import kill_at, last_words, workers

# Real transactions: another process reads what is written here.
pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = 4
SHIPPING, CANCELING = "apps.orders.services.shipping", "apps.orders.services.canceling"


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Callable]:
    with workers("tests.orders.worker", tmp_path) as start:
        yield start


def state_of(worker: Callable) -> dict:
    """How things stand, and the audit has passed."""
    state: dict = last_words(worker("look"))
    return state


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("apps.orders.services.shipping_sheets", "ship_order"),
        (SHIPPING, "take_step_or_refuse"),
        (SHIPPING, "tell_shipped"),
    ],
    ids=["between rows", "before its step", "before its commit"],
)
def test_shipping_by_sheet(worker: Callable, place: str, name: str) -> None:
    assert Carrier.objects.filter(code="shunfeng").exists()
    UserFactory(username="operator")
    sku = SKUFactory()
    for _ in range(ORDERS):
        OrderInfoFactory(skus=[sku], status=Status.UNSEND)
    kill_at(worker("ship", place, name, "3"))
    left, shipped = [Status.UNSEND, []], [Status.UNRECEIVED, ["ship"]]
    state = state_of(worker)
    assert state["orders"] == [shipped, shipped, left, left]
    assert state["shipments"] == ["SF000002", "SF000003"]
    state = last_words(worker("ship"))
    assert state["orders"] == [shipped] * ORDERS
    assert state["shipments"] == [f"SF{row:06d}" for row in range(2, 2 + ORDERS)]
    assert state["said"] == [True] * ORDERS, "who sends the sheet again is told that all is done"


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("apps.payment.services.overdue", "cancel_unpaid_order"),
        (CANCELING, "_give_back_stock"),
        (CANCELING, "tell_canceled"),
    ],
    ids=["between orders", "before the stock goes back", "before its commit"],
)
def test_canceling_what_is_overdue(worker: Callable, place: str, name: str) -> None:
    sku, past = SKUFactory(), timezone.now() - timedelta(hours=1)
    for _ in range(ORDERS):
        OrderInfoFactory(skus=[sku], status=Status.UNPAID, expires_at=past, pay_method=2)
    kill_at(worker("cancel", place, name, "3"))
    left, canceled = [Status.UNPAID, []], [Status.CANCELED, ["cancel_unpaid"]]
    assert sorted(state_of(worker)["orders"]) == [left, left, canceled, canceled]
    state = last_words(worker("cancel"))
    assert (state["said"], state["orders"]) == (ORDERS - 2, [canceled] * ORDERS)
