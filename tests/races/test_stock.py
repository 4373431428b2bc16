"""Counting and spreadsheets beside buyers, on a database that locks rows; the control loses sales."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from rest_framework.response import Response

from apps.goods import services
from apps.goods.exceptions import MovementRepeated, SheetApplied, StockChanged
from apps.goods.models import SKU, StockMovement, StockSheet
from apps.users.models import Address, User
from tests.conftest import logged_in
from tests.factories import AddressFactory, SKUFactory
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

BUYERS = 20


def buyers_of(*skus: SKU) -> list[Callable[[], Response]]:
    """Buyers about to order one of each, every other one in the opposite order."""
    calls = []
    for n in range(BUYERS):
        address: Address = AddressFactory(place=f"{n}")
        client = logged_in(address.user)
        for sku in skus if n % 2 else reversed(skus):
            client.post("/api/v1/cart/", {"sku_id": sku.pk, "count": 1})
        body = {"address": address.pk, "pay_method": 1}
        calls.append(partial(client.post, "/api/v1/orders/", body))
    return calls


def sheet_of(author: User, *changes: dict[str, Any]) -> StockSheet:
    basis = {"name": "商品", "before": {}, "after": {}, "stock": 100, "last_movement": 0}
    rows = [basis | {"row": n} | change for n, change in enumerate(changes, 2)]
    return StockSheet.objects.create(name="a.xlsx", digest="a", changes=rows, author=author)


def sold_and_left(skus: list[SKU]) -> list[tuple[int, int]]:
    return list(
        SKU.objects.filter(pk__in=[it.pk for it in skus])
        .order_by("pk")
        .values_list("sales", "stock")
    )


def test_a_correction_beside_sales_loses_none(buyer: User) -> None:
    sku = SKUFactory(stock=100)
    correct = partial(
        services.correct_stock, sku.pk, counted=90, seen=100, last_movement=0, author=buyer
    )
    answers = together(correct, *buyers_of(sku))
    assert isinstance(answers[0], StockMovement)
    assert [answer.status_code for answer in answers[1:]] == [201] * BUYERS
    assert sold_and_left([sku]) == [(BUYERS, 90 - BUYERS)]
    call_command("audit")


def test_control_writing_what_was_counted_loses_sales() -> None:
    """What a beginner writes: what is there is what was counted, in the row as it was looked at."""
    sku = SKUFactory(stock=100)
    somebody_has_bought = Event()

    def write_what_was_counted() -> None:
        assert somebody_has_bought.wait(timeout=30)
        sku.stock = 90
        sku.save()

    def bought(buy: Callable[[], Response]) -> int:
        answer = buy()
        somebody_has_bought.set()
        return answer.status_code

    buying = [partial(bought, buy) for buy in buyers_of(sku)]
    answers = together(write_what_was_counted, *buying)
    assert answers[1:] == [201] * BUYERS
    ((sold, _left),) = sold_and_left([sku])
    assert sold < BUYERS, "this harness would not see a lost sale"


def test_one_correction_sent_eight_times_is_booked_once(buyer: User) -> None:
    sku = SKUFactory(stock=100)
    correct = partial(
        services.correct_stock, sku.pk, counted=90, seen=100, last_movement=0, author=buyer
    )
    answers = together(*[correct] * 8)
    assert [type(answer) for answer in answers].count(StockMovement) == 1
    assert [type(answer) for answer in answers].count(StockChanged) == 7
    assert sold_and_left([sku]) == [(0, 90)]


def test_one_receipt_sent_eight_times_is_booked_once(buyer: User) -> None:
    sku = SKUFactory(stock=100)
    receive = partial(services.receive_stock, sku.pk, 5, author=buyer, key=uuid4())
    answers = together(*[receive] * 8)
    assert [type(answer) for answer in answers].count(StockMovement) == 1
    assert [type(answer) for answer in answers].count(MovementRepeated) == 7
    assert sold_and_left([sku]) == [(0, 105)]


def test_a_sheet_beside_sales_loses_none(buyer: User, lost: list[Exception]) -> None:
    """Its price and its units, of several SKUs, while they are bought in either order."""
    skus = [SKUFactory(stock=100, price="50.00") for _ in range(3)]
    sheet = sheet_of(
        buyer,
        {"sku_id": skus[2].pk, "units": -10},
        {"sku_id": skus[0].pk, "units": 7},
        {"sku_id": skus[1].pk, "units": 5},
    )
    apply = partial(services.apply_sheet, sheet.pk, author=buyer)
    answers = together(apply, *buyers_of(*skus))
    assert isinstance(answers[0], StockSheet)
    assert [answer.status_code for answer in answers[1:]] == [201] * BUYERS
    assert sold_and_left(skus) == [(BUYERS, n - BUYERS) for n in (107, 105, 90)]
    assert lost == []
    call_command("audit")


def test_one_sheet_applied_eight_times_is_applied_once(buyer: User) -> None:
    sku = SKUFactory(stock=100, price="50.00")
    price = {"before": {"price": "50.00"}, "after": {"price": "45.00"}}
    sheet = sheet_of(buyer, {"sku_id": sku.pk, "units": 5} | price)
    answers = together(*[partial(services.apply_sheet, sheet.pk, author=buyer)] * 8)
    assert [type(answer) for answer in answers].count(StockSheet) == 1
    assert [type(answer) for answer in answers].count(SheetApplied) == 7
    sku.refresh_from_db()
    assert (sku.stock, sku.price) == (105, Decimal("45.00"))
