"""Whose turn it is to write to a search server that many machines share. Nobody else touches this key.

| key | type | holds |
|---|---|---|
| ``search:writer`` | string | a token of the process that writes; expires when it has not been renewed for a minute |
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
