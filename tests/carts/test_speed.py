"""What a cart costs: round trips to Redis and queries, whatever its size (design: Speed)."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.goods.models import SKU
from tests.carts.conftest import CART, SELECTION
from tests.factories import SKUFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("size", [1, 10])
def test_reading_is_one_query_and_one_round_trip(
    size: int,
    shop: APIClient,
    fill: Callable,
    round_trips: list[int],
    django_assert_num_queries: Any,
) -> None:
    fill(*[1] * size)
    round_trips.clear()
    with django_assert_num_queries(2):  # who asks, and the SKUs
        assert len(shop.get(CART).json()) == size
    assert len(round_trips) == 1


def test_an_empty_cart_needs_no_query(
    shop: APIClient, round_trips: list[int], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):  # who asks
        shop.get(CART)
    assert len(round_trips) == 1


def writes(shop: APIClient, sku: SKU) -> dict[str, Callable[[], Any]]:
    line = {"sku_id": sku.pk, "count": 1, "selected": True}
    return {
        "post": lambda: shop.post(CART, line),
        "put": lambda: shop.put(CART, line),
        "select": lambda: shop.put(SELECTION, {"selected": False}),
        "delete": lambda: shop.delete(CART, line),
    }


@pytest.mark.parametrize(
    ("write", "queries"), [("post", 2), ("put", 2), ("select", 1), ("delete", 1)]
)
def test_a_write_is_one_round_trip(
    write: str,
    queries: int,
    shop: APIClient,
    fill: Callable,
    round_trips: list[int],
    django_assert_num_queries: Any,
) -> None:
    sku, *_ = fill(1, 1, 1)
    for warm_up in writes(shop, SKUFactory()).values():  # scripts are sent to a server once
        warm_up()
    round_trips.clear()
    with django_assert_num_queries(queries):
        assert writes(shop, sku)[write]().status_code < 300
    assert len(round_trips) == 1
