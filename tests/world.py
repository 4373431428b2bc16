"""Everything that a refused request must leave as it was: the rows of every table, and the carts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings

from apps.core.redis import connection


def rows() -> dict[str, list[tuple]]:
    """Every row of every table of the shop."""
    models = (model for model in apps.get_models() if model.__module__.startswith("apps."))
    return {
        model.__name__: sorted(model._default_manager.values_list(), key=repr) for model in models
    }


def carts() -> dict[bytes, Any]:
    """Every key of the carts' Redis, with its content."""
    redis = connection("carts")
    readers = {b"hash": redis.hgetall, b"set": redis.smembers, b"string": redis.get}
    keys = redis.scan_iter(f"{settings.REDIS_PREFIX}*", count=1000)
    return {key: readers[redis.type(key)](key) for key in keys}


@contextmanager
def unchanged() -> Iterator[None]:
    """Assert that the block changes no row and no cart."""
    before = rows(), carts()
    yield
    assert (rows(), carts()) == before
