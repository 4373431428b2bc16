"""What an order and a settlement cost beside authentication (design: Speed)."""

from collections.abc import Callable

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.users.models import Address, User
from tests.factories import SKUFactory, SKUSpecificationFactory


def warm_up(shop: APIClient) -> None:
    """Scripts are sent to Redis once; connections are opened once."""
    shop.get("/api/v1/orders/settlement/")
    caches["carts"].get("nothing")


def statements(queries: CaptureQueriesContext) -> list[str]:
    return [
        query["sql"] for query in queries if '"users_user"' not in query["sql"].replace("`", '"')
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lines", [1, 3, 100])
@pytest.mark.parametrize("key", ["", "k1"])
def test_an_order_of_any_number_of_lines(
    lines: int,
    key: str,
    shop: APIClient,
    address: Address,
    fill: Callable,
    place: Callable,
    round_trips: list[int],
) -> None:
    skus = [SKUFactory() for _ in range(lines)]
    SKUSpecificationFactory(sku=skus[0])
    fill((skus[0], 1))
    place()
    fill(*((sku, 1) for sku in skus))
    warm_up(shop)
    round_trips.clear()
    with CaptureQueriesContext(connection) as queries:
        assert place(key=key).status_code == 201
    counted = statements(queries)
    per_line = lines - 1 if connection.vendor == "postgresql" else 0
    # Django gives SQLite at most 999 values at a time, and a line is ten.
    second_insert = connection.vendor == "sqlite" and lines > 99
    assert len(counted) <= 10 + per_line + second_insert, "\n".join(counted)
    assert len(round_trips) == 2


@pytest.mark.django_db
def test_a_settlement(shop: APIClient, buyer: User, fill: Callable, round_trips: list[int]) -> None:
    fill(*((SKUFactory(), 1) for _ in range(5)))
    warm_up(shop)
    round_trips.clear()
    with CaptureQueriesContext(connection) as queries:
        shop.get("/api/v1/orders/settlement/")
    assert len(statements(queries)) == 1
    assert len(round_trips) == 1


@pytest.mark.django_db
def test_the_list_of_orders(shop: APIClient, fill: Callable, place: Callable) -> None:
    for _ in range(3):
        fill((SKUFactory(), 1), (SKUFactory(), 1))
        place()
    with CaptureQueriesContext(connection) as queries:
        assert shop.get("/api/v1/orders/").json()["count"] == 3
    assert len(statements(queries)) == 3
