"""Everything that a refused request must leave as it was: the rows of every table, and the carts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection as database

from apps.core.redis import connection

COUNTED = re.compile(rb"\b(limit|jobs):")


def rows() -> dict[str, list[tuple]]:
    """Every row of every table of the shop, as it is stored: asking without models takes a tenth of the time."""
    models = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
    found = {}
    with database.cursor() as cursor:
        for model in models:
            table = database.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608  # our own tables
            found[model.__name__] = sorted(cursor.fetchall(), key=repr)
    return found


def carts() -> dict[bytes, Any]:
    """Every key of the carts' Redis, with its content; not what refusals and idle jobs change too.

    That is how often somebody asked, and when a job last ran.
    """
    redis = connection("carts")
    readers = {b"hash": redis.hgetall, b"set": redis.smembers, b"string": redis.get}
    readers[b"list"] = lambda key: redis.lrange(key, 0, -1)
    keys = redis.scan_iter(f"{settings.REDIS_PREFIX}*", count=1000)
    return {key: readers[redis.type(key)](key) for key in keys if not COUNTED.search(key)}


@contextmanager
def unchanged() -> Iterator[None]:
    """Assert that the block changes no row and no cart."""
    before = rows(), carts()
    yield
    assert (rows(), carts()) == before
