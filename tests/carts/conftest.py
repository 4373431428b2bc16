from collections.abc import Callable
from typing import Any

import pytest
from redis import Connection, UnixDomainSocketConnection
from rest_framework.test import APIClient

from apps.goods.models import SKU
from tests.factories import SKUFactory

CART = "/api/v1/cart/"
SELECTION = "/api/v1/cart/selection/"


@pytest.fixture
def round_trips(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with every packet sent to Redis, whatever number of commands it holds."""
    sent: list[int] = []
    for kind in (Connection, UnixDomainSocketConnection):
        send = kind.send_packed_command

        def counting(self: Any, *args: Any, _send: Any = send, **kwargs: Any) -> Any:
            sent.append(1)
            return _send(self, *args, **kwargs)

        monkeypatch.setattr(kind, "send_packed_command", counting)
    return sent


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


def lines(client: APIClient) -> list[dict[str, Any]]:
    answer = client.get(CART)
    assert answer.status_code == 200, answer.content
    return answer.json()


def counts(client: APIClient) -> dict[int, tuple[int, bool]]:
    """Units of each SKU, and whether it is ticked."""
    return {line["id"]: (line["count"], line["selected"]) for line in lines(client)}
