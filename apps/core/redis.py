"""The way to Redis for the apps' stores, and to nobody else (a contract checks that)."""

from django.conf import settings
from django_redis import get_redis_connection
from redis import Redis


def connection(alias: str) -> Redis:
    """A pooled client of the server behind ``CACHES[alias]``; safe to share between threads."""
    client: Redis = get_redis_connection(alias)
    return client


def key(name: str) -> str:
    """``name`` under this installation's prefix."""
    return f"{settings.REDIS_PREFIX}{name}"
