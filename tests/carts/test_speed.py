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


def test_a_visitor_s_cart_costs_no_more(
    api: APIClient, round_trips: list[int], django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        api.post(CART, {"sku_id": SKUFactory().pk, "count": 1})
    round_trips.clear()
    with django_assert_num_queries(1):  # the SKUs
        assert len(api.get(CART).json()) == 3
    assert len(round_trips) == 1


def test_who_has_no_cart_costs_nothing(
    api: APIClient, round_trips: list[int], django_assert_num_queries: Any
) -> None:
    """Every page asks for the cart, and most who look at one never put anything in."""
    with django_assert_num_queries(0):
        for headers in ({}, {"Authorization": "JWT undefined"}, {"Cookie": "cart=garbage"}):
            assert api.get(CART, headers=headers).json() == []
    assert round_trips == []


def test_opening_a_cart_costs_one_round_trip_more(
    api: APIClient, round_trips: list[int], django_assert_num_queries: Any
) -> None:
    line = {"sku_id": SKUFactory().pk, "count": 1}
    APIClient().post(CART, line)  # scripts are sent to a server once
    round_trips.clear()
    with django_assert_num_queries(1):
        api.post(CART, line)
    assert len(round_trips) == 2
    with django_assert_num_queries(1):
        api.post(CART, line)
    assert len(round_trips) == 3


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
        "select one": lambda: shop.put(SELECTION, {"selected": False, "sku_id": sku.pk}),
        "delete": lambda: shop.delete(CART, line),
    }


@pytest.mark.parametrize(
    ("write", "queries"), [("post", 2), ("put", 2), ("select", 1), ("select one", 1), ("delete", 1)]
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
