from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.carts.store import Visitor
from apps.goods.models import SKU
from apps.users.models import User
from tests.carts import direct
from tests.factories import PASSWORD, SKUFactory

CART = "/api/v1/cart/"
SELECTION = "/api/v1/cart/selection/"
LOGIN = "/api/v1/authorizations/"


@pytest.fixture
def fill(shop: APIClient) -> Callable[..., list[SKU]]:
    """Put new SKUs into the buyer's cart, so many units of each: ``phone, case = fill(2, 1)``."""

    def put(*counts: int, **columns: Any) -> list[SKU]:
        skus = [SKUFactory(**columns) for _ in counts]
        for sku, count in zip(skus, counts, strict=True):
            answer = shop.post(CART, {"sku_id": sku.pk, "count": count})
            assert answer.status_code == 201, answer.json()
        return skus

    return put


@pytest.fixture
def choose(api: APIClient) -> Callable[..., None]:
    """Put units of SKUs into the visitor's cart: ``choose((phone, 2), (case, 1))``; each by ``PUT``."""

    def put(*chosen: tuple[SKU, int], selected: bool = True) -> None:
        for sku, count in chosen:
            body = {"sku_id": sku.pk, "count": count, "selected": selected}
            assert api.put(CART, body).status_code == 200

    return put


def lines(client: APIClient) -> list[dict[str, Any]]:
    answer = client.get(CART)
    assert answer.status_code == 200, answer.content
    return answer.json()


def counts(client: APIClient) -> dict[int, tuple[int, bool]]:
    """Units of each SKU, and whether it is ticked."""
    return {line["id"]: (line["count"], line["selected"]) for line in lines(client)}


def log_in(client: APIClient, user: User) -> Any:
    """The answer to a login; what the client has of a cart goes to the user."""
    answer = client.post(LOGIN, {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    return answer


def visitor(client: APIClient) -> Visitor:
    """Who the client is to the store."""
    return Visitor.by(client.cookies["cart"].value)


def visitors_keys() -> set[str]:
    every_name = direct.keys()
    return {name for name in every_name if "anon:" in name}
