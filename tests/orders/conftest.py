from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.carts import store
from apps.goods.models import SKU
from apps.users.models import Address


@pytest.fixture
def fill(shop: APIClient) -> Callable[..., None]:
    """Put so many units of each SKU into the buyer's cart: ``fill((sku, 2), (other, 1))``."""

    def put(*lines: tuple[SKU, int]) -> None:
        for sku, count in lines:
            answer = shop.post("/api/v1/cart/", {"sku_id": sku.pk, "count": count})
            assert answer.status_code == 201, answer.json()

    return put


@pytest.fixture
def place(shop: APIClient, address: Address) -> Callable[..., Response]:
    """Submit the cart; the body and headers may be changed."""

    def submit(*, key: str = "", **body: Any) -> Response:
        headers = {"Idempotency-Key": key} if key else {}
        return shop.post(
            "/api/v1/orders/", {"address": address.pk, "pay_method": 2, **body}, headers=headers
        )

    return submit


class Crash(BaseException):
    """The process dies here: nothing after this line runs, no ``except Exception`` sees it."""


@pytest.fixture
def crash_before_clearing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Die between COMMIT and clearing the cart; call it to come back to life."""

    def die(*args: object, **kwargs: object) -> bool:
        raise Crash

    monkeypatch.setattr(store, "finish_placing", die)
    return monkeypatch.undo


def cart_of(client: APIClient) -> dict[int, int]:
    return {line["id"]: line["count"] for line in client.get("/api/v1/cart/").json()}
