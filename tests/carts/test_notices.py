"""What a cart tells of each line that changed since it was added: price, stock, launch."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from apps.goods.models import SKU
from tests.carts.conftest import CART, SELECTION, counts, lines

pytestmark = pytest.mark.django_db


def test_only_the_lines_concerned_say_so(shop: APIClient, fill: Callable) -> None:
    repriced, short, withdrawn, fine = fill(2, 2, 2, 2)
    SKU.objects.filter(pk=repriced.pk).update(price=Decimal("55.00"))
    SKU.objects.filter(pk=short.pk).update(stock=1)
    SKU.objects.filter(pk=withdrawn.pk).update(is_launched=False)
    told = {
        line["id"]: (line["is_repriced"], line["is_short"], line["is_launched"])
        for line in lines(shop)
    }
    assert told == {
        repriced.pk: (True, False, True),
        short.pk: (False, True, True),
        withdrawn.pk: (False, False, False),
        fine.pk: (False, False, True),
    }


def test_the_price_when_added_stays_until_it_is_added_again(
    shop: APIClient, fill: Callable
) -> None:
    (sku,) = fill(1)
    SKU.objects.update(price=Decimal("55.00"))
    shop.put(CART, {"sku_id": sku.pk, "count": 2, "selected": True})
    shop.put(SELECTION, {"selected": True})
    (line,) = lines(shop)
    assert (line["price"], line["added_price"], line["is_repriced"]) == ("55.00", "50.00", True)
    shop.post(CART, {"sku_id": sku.pk, "count": 1})
    (line,) = lines(shop)
    assert (line["price"], line["added_price"], line["is_repriced"]) == (
        "55.00",
        "55.00",
        False,
    )


@pytest.mark.parametrize(
    ("price", "drop"),
    [("45.50", "4.50"), ("49.99", "0.01"), ("50.00", "0.00"), ("55.00", "0.00")],
)
def test_how_much_cheaper_it_became(price: str, drop: str, shop: APIClient, fill: Callable) -> None:
    fill(3)
    SKU.objects.update(price=Decimal(price))
    (line,) = lines(shop)
    assert (line["price"], line["price_drop"]) == (price, drop)
    assert line["is_repriced"] is (price != "50.00")


def test_how_many_are_left(shop: APIClient, fill: Callable) -> None:
    fill(3)
    for stock, is_short in ((3, False), (2, True), (0, True)):
        SKU.objects.update(stock=stock)
        (line,) = lines(shop)
        assert (line["stock"], line["is_short"]) == (stock, is_short)


def test_stock_that_is_just_enough_is_not_short(shop: APIClient, fill: Callable) -> None:
    fill(4)
    SKU.objects.update(stock=4)
    assert lines(shop)[0]["is_short"] is False


def test_a_sku_that_is_gone_altogether_is_not_shown(shop: APIClient, fill: Callable) -> None:
    gone, sku = fill(1, 1)
    gone.delete()
    assert list(counts(shop)) == [sku.pk]
