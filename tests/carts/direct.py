"""Carts without a buyer: straight to the store."""

from decimal import Decimal
from typing import Any

from django.conf import settings

from apps.carts import store
from tests.world import carts

ANNA, BERT = 1, 2
PHONE, CASE, BOOK = 11, 22, 33


def put(sku_id: int, count: int = 1, *, user: int = ANNA, **more: Any) -> int | str:
    usual = {"ticked": True, "price": Decimal("50.00"), "stock": 1000, "on_top": True}
    return store.put(user, sku_id, count=count, **{**usual, **more})


def units(user: int = ANNA) -> dict[int, int]:
    return {line.sku_id: line.count for line in store.read(user).lines}


def ticked(user: int = ANNA) -> frozenset[int]:
    return store.read(user).ticked


def stamp(user: int = ANNA) -> str:
    return store.read_ticked(user).stamp


def keys() -> set[str]:
    """The names of all keys, without this installation's prefix."""
    return {key.decode().removeprefix(settings.REDIS_PREFIX) for key in carts()}
