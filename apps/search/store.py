"""What the writers of an index share. Nobody else touches these keys.

| key | type | holds |
|---|---|---|
| ``search:writer`` | string | a token of the process that writes; expires when it has not been renewed for a minute |
| ``search:swept`` | string | the last SKU id whose stock was compared with the index; missing before the first |

The turn is for a search server that many machines share.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from redis.exceptions import LockNotOwnedError
from redis.lock import Lock

from apps.core.redis import connection, key

SECONDS = 60


@contextmanager
def turn(*, wait: bool) -> Iterator[Callable[[], object] | None]:
    """Be the only process of all machines in here; None if there is another and we do not wait.

    Call what this yields at least once a minute: it renews the turn, or raises if that was lost.
    """
    lock = Lock(connection("codes"), key("search:writer"), timeout=SECONDS, thread_local=False)
    if not lock.acquire(blocking=wait):
        yield None
        return
    try:
        yield lock.reacquire
    finally:
        with suppress(LockNotOwnedError):
            lock.release()


def swept() -> int:
    """Up to which SKU id stock was compared with the index in this round."""
    return int(connection("codes").get(key("search:swept")) or 0)


def sweep_from(sku_id: int) -> None:
    """Go on after this one next time."""
    connection("codes").set(key("search:swept"), sku_id)
