"""The products that buyers looked at last. Nobody else touches these keys.

| key | type | holds |
|---|---|---|
| ``history:<user id>`` | list | the SKU ids looked at last, newest first |
"""

from apps.core.redis import connection, key

HISTORY_LENGTH = 5
HISTORY_SECONDS = 90 * 24 * 60 * 60


def add_to_history(user_id: int, sku_id: int) -> None:
    """Put the SKU at the head, once; what is one too many falls off the end."""
    name = _history(user_id)
    pipeline = connection("codes").pipeline(transaction=True)
    pipeline.lrem(name, 0, str(sku_id))
    pipeline.lpush(name, sku_id)
    pipeline.ltrim(name, 0, HISTORY_LENGTH - 1)
    pipeline.expire(name, HISTORY_SECONDS)
    pipeline.execute()


def read_history(user_id: int) -> list[int]:
    """SKU ids, newest first."""
    return [int(sku_id) for sku_id in connection("codes").lrange(_history(user_id), 0, -1)]


def clear_history(user_id: int) -> None:
    connection("codes").delete(_history(user_id))


def _history(user_id: int) -> str:
    return key(f"history:{user_id}")
