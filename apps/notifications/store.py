"""What senders of notifications tell each other. Nobody else touches these keys.

| key | type | holds |
|---|---|---|
| ``notifications:paused:<line>`` | string | whoever answers at this line has just failed us; ``PAUSE_SECONDS`` |
| ``notifications:kicked`` | string | a round was asked for a moment ago; a second |

A Redis that does not answer pauses nobody, and the next round comes by itself.
"""

import logging
from collections.abc import Iterable

from redis.exceptions import RedisError

from apps.core.redis import connection, key

PAUSE_SECONDS = 60

logger = logging.getLogger(__name__)


def pause(line: str) -> None:
    """Leave whoever answers there alone for a while."""
    try:
        connection("default").set(_paused(line), 1, ex=PAUSE_SECONDS)
    except RedisError as exc:
        logger.warning("%s is not left alone: %s", line, exc)


def resume(line: str) -> None:
    try:
        connection("default").delete(_paused(line))
    except RedisError as exc:
        logger.warning("%s stays paused for a minute: %s", line, exc)


def paused(lines: Iterable[str]) -> set[str]:
    """Those of the lines that are left alone at present."""
    asked = list(lines)
    if not asked:
        return set()
    try:
        found = connection("default").mget([_paused(line) for line in asked])
    except RedisError:
        return set()
    return {line for line, mark in zip(asked, found, strict=True) if mark}


def is_first_of_this_second() -> bool:
    """Whether nobody else has asked for a round just now. False also if Redis does not say."""
    try:
        return bool(connection("default").set(key("notifications:kicked"), 1, px=1000, nx=True))
    except RedisError:
        return False


def _paused(line: str) -> str:
    return key(f"notifications:paused:{line}")
