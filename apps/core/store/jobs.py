"""When each periodic job last came to its end, as the workers that ran it say. Nobody else touches these keys.

| key | type | holds |
|---|---|---|
| ``jobs:known`` | hash | command -> when a worker first had it on its schedule |
| ``jobs:finished`` | hash | command -> when it last came to its end |
| ``jobs:failed`` | hash | command -> when it last failed, unless it came to its end afterwards |

Times are seconds since 1970. Without Redis nothing is noted, and the job has run all the same.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass

from redis.exceptions import RedisError

from apps.core.redis import connection, key

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobNotes:
    """By command, seconds since 1970."""

    known: dict[str, float]
    finished: dict[str, float]
    failed: dict[str, float]


def note_end(command: str, *, schedule: Iterable[str], failed: bool = False) -> None:
    """Note that a job has come to its end just now, or failed; ``schedule``: all commands that should run."""
    now = time.time()
    pipe = connection("codes").pipeline()
    for each in schedule:
        pipe.hsetnx(key("jobs:known"), each, str(now))
    pipe.hset(key("jobs:failed" if failed else "jobs:finished"), command, str(now))
    if not failed:
        pipe.hdel(key("jobs:failed"), command)
    try:
        pipe.execute()
    except RedisError as exc:
        logger.warning("Nobody will see that %s has run: %s", command, exc)


def job_notes() -> JobNotes | None:
    """What workers have noted; None if Redis does not answer."""
    pipe = connection("codes").pipeline(transaction=False)
    for name in ("known", "finished", "failed"):
        pipe.hgetall(key(f"jobs:{name}"))
    try:
        return JobNotes(*(_times(found) for found in pipe.execute()))
    except RedisError as exc:
        logger.warning("It is not known which jobs run: %s", exc)
        return None


def _times(found: dict[bytes, bytes]) -> dict[str, float]:
    return {command.decode(): float(at) for command, at in found.items()}
