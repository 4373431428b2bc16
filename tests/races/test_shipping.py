"""Two operators ship the same orders, one by one and by spreadsheets that overlap: each order leaves once."""

from collections.abc import Sequence
from functools import partial

import pytest
from django.db import IntegrityError

from apps.orders.models import Carrier, OrderEvent, Shipment, Step
from apps.orders.services import ship_order
from apps.orders.services.shipping_sheets import Entry, ship_sheet
from apps.users.models import User
from tests.races.conftest import together
from tests.races.life import ORDERS, books_agree, look_first

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def sheet(orders: Sequence[str], carrier: Carrier, prefix: str) -> list[Entry]:
    """As it is after the preview: every row waits to be shipped."""
    return [
        Entry(row, number, carrier.name, f"{prefix}{number}", carrier_id=carrier.pk)
        for row, number in enumerate(orders, 2)
    ]


def test_one_by_one(to_be_shipped: list[str], operators: list[User], carrier: Carrier) -> None:
    results = together(
        *(
            partial(ship_order, order, carrier=carrier, number=number, by=operator)
            for order in to_be_shipped
            for operator, number in zip(operators, ("SF11111", "SF22222"), strict=True)
        )
    )
    for pair in zip(results[::2], results[1::2], strict=True):
        assert sorted(type(each).__name__ for each in pair) == ["Shipment", "WrongState"]
    assert Shipment.objects.count() == ORDERS
    books_agree()


def test_by_sheets_that_overlap(
    to_be_shipped: list[str], operators: list[User], carrier: Carrier, lost: list[Exception]
) -> None:
    """From both ends, so that they meet in the middle: an order is in the report of whoever shipped it."""
    first, second = operators
    results = together(
        partial(ship_sheet, sheet(to_be_shipped[:5], carrier, "SF1"), by=first),
        partial(ship_sheet, sheet(to_be_shipped[::-1][:5], carrier, "SF2"), by=second),
    )
    reports = {each.number: each for entries in results for each in entries}
    assert len(reports) == 10
    for shipment in Shipment.objects.select_related("order"):
        assert reports.pop(shipment.number).is_done
        event = OrderEvent.objects.get(order=shipment.order, step=Step.SHIP)
        assert event.actor == shipment.shipped_by
        assert shipment.number.startswith("SF1" if shipment.shipped_by == first else "SF2")
    assert len(reports) == 10 - ORDERS
    assert {(each.is_done, bool(each.refusal)) for each in reports.values()} == {(False, True)}
    assert lost == []
    books_agree()


def test_by_the_same_sheet(
    to_be_shipped: list[str], operators: list[User], carrier: Carrier
) -> None:
    """Both are told that it is done, and it is done once."""
    entries = sheet(to_be_shipped, carrier, "SF1")
    results = together(*(partial(ship_sheet, entries, by=operator) for operator in operators))
    assert {each.is_done for report in results for each in report} == {True}
    assert OrderEvent.objects.filter(step=Step.SHIP).count() == ORDERS
    assert Shipment.objects.count() == ORDERS
    books_agree()


@pytest.mark.parametrize("is_by_sheet", [False, True], ids=["one by one", "by sheet"])
def test_control_who_looks_first_ships_twice(
    to_be_shipped: list[str],
    operators: list[User],
    carrier: Carrier,
    monkeypatch: pytest.MonkeyPatch,
    is_by_sheet: bool,
) -> None:
    """Both get as far as the unique key, and the second one's sheet breaks off there."""
    look_first(monkeypatch)
    (number,) = to_be_shipped[:1]
    if is_by_sheet:
        calls = [
            partial(ship_sheet, sheet([number], carrier, prefix), by=operator)
            for prefix, operator in zip(("SF1", "SF2"), operators, strict=True)
        ]
    else:
        calls = [
            partial(ship_order, number, carrier=carrier, number="SF12345", by=operator)
            for operator in operators
        ]
    results = together(*calls)
    broken = [type(each) for each in results if isinstance(each, Exception)]
    assert broken == [IntegrityError], "this harness would not see an order shipped twice"
