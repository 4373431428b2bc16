"""Counting and spreadsheets beside buyers, on a database that locks rows; the control loses sales."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from threading import Barrier, Event
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.response import Response

from apps.goods import services
from apps.goods.exceptions import MovementRepeated, SheetApplied, StockChanged
from apps.goods.models import SKU, StockMovement, StockSheet
from apps.goods.services.stock import move_stock
from apps.users.models import Address, User
from tests.conftest import logged_in
from tests.factories import AddressFactory, SKUFactory, UserFactory
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


def count_as(operator: User, sku: SKU, counted: int) -> Callable[[], Any]:
    """An operator who has counted a SKU, and sends the form in which the shop says 100."""
    desk = Client()
    desk.force_login(operator)
    page = f"/admin/goods/stockmovement/correct/?sku={sku.pk}"
    figures = {"sku": sku.pk, "counted": counted, "seen": 100, "last_movement": 0, "note": ""}
    return partial(desk.post, page, figures)


def test_two_operators_correct_the_same_stock() -> None:
    """In the admin, as they do it: one is booked, the other is asked to look again."""
    operators = [UserFactory(is_staff=True, is_superuser=True) for _ in range(2)]
    for _ in range(4):
        sku = SKUFactory(stock=100)
        first, second = together(*map(count_as, operators, [sku] * 2, (90, 80)))
        assert sorted([first.status_code, second.status_code]) == [200, 302]
        booked = StockMovement.objects.get(sku=sku)
        is_first = first.status_code == 302
        assert booked.author == operators[0 if is_first else 1]
        assert sold_and_left([sku]) == [(0, 90 if is_first else 80)]
    call_command("audit")


def test_control_who_looks_before_he_writes_books_both() -> None:
    """What a beginner writes: nobody has moved anything, so it is booked. Neither count is what is there then."""
    sku, author, both_looked = SKUFactory(stock=100), UserFactory(), Barrier(2)

    def look_then_correct(counted: int) -> StockMovement:
        assert not StockMovement.objects.filter(sku=sku).exists()
        both_looked.wait(timeout=30)
        return move_stock(sku.pk, counted - 100, reason="correction", author=author)

    together(partial(look_then_correct, 90), partial(look_then_correct, 80))
    assert sold_and_left([sku]) == [(0, 70)], "this harness would not see two corrections booked"


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
