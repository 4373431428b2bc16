from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

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
