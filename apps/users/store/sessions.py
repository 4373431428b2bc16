"""What Redis remembers of logins. Nobody else touches these keys.

| key | type | holds |
|---|---|---|
| ``login:known:<address> <name>`` | string | that this name logged in from this address; 30 days |
| ``session:ended:<id>`` | string | that this refresh token was logged out; as long as it would have lived |
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from apps.core.redis import connection, key

KNOWN_SECONDS = 30 * 24 * 60 * 60

logger = logging.getLogger(__name__)


def remember_login(names: Iterable[str], address: str) -> None:
    """Whoever logs in by one of these names from this address has done so before."""
    pipeline = connection("codes").pipeline(transaction=False)
    for name in names:
        pipeline.set(_known(name, address), 1, ex=KNOWN_SECONDS)
    pipeline.execute()


def has_logged_in(name: str, address: str) -> bool:
    return bool(connection("codes").exists(_known(name, address)))


def end_session(session_id: str, *, seconds: int) -> None:
    """Remember for ``seconds`` that this refresh token is worth nothing any more."""
    connection("codes").set(_ended(session_id), 1, ex=max(1, seconds))


def has_ended(session_id: str) -> bool:
    return bool(connection("codes").exists(_ended(session_id)))


@contextmanager
def unless_redis_is_down() -> Iterator[None]:
    """Leave the block, with a line in the log, if Redis does not serve us."""
    try:
        yield
    except RedisError:
        logger.exception("Redis does not serve us; logins are not counted meanwhile")


def _known(name: str, address: str) -> str:
    return key(f"login:known:{address} {name}")


def _ended(session_id: str) -> str:
    return key(f"session:ended:{session_id}")
