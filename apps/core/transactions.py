"""Trying a whole transaction again when the database gave up on it for the sake of another."""

import functools
import logging
import random
import sqlite3
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError

from apps.core.exceptions import LostRace, Unavailable

RETRIES = 3
FIRST_PAUSE_SECONDS = 0.02

# Lock wait time-out, deadlock (also a lost Galera certification); TiDB: transaction to be retried, write conflict.
MYSQL_CODES = {1205, 1213, 8002, 9007}
SQLSTATES = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available
SQLITE_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger(__name__)


def lost_to_another(exc: OperationalError | LostRace) -> bool:
    """Whether the transaction was rolled back only because another one was in the way."""
    if isinstance(exc, LostRace):
        return True
    cause = exc.__cause__
    return (
        (bool(exc.args) and exc.args[0] in MYSQL_CODES)
        or getattr(cause, "sqlstate", None) in SQLSTATES
        or getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_CODES
    )


def retry_lost_transactions(function: Callable[P, R]) -> Callable[P, R]:
    """Call a function that opens its own transaction again when that was lost to another one.

    At most ``RETRIES`` times, after a growing random pause; then ``Unavailable``. Whatever else is raised passes.
    """

    @functools.wraps(function)
    def retrying(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(RETRIES + 1):
            try:
                return function(*args, **kwargs)
            except (OperationalError, LostRace) as exc:
                if not lost_to_another(exc):
                    raise
                if attempt == RETRIES:
                    logger.warning("Gave up on %s after %d retries", function.__qualname__, RETRIES)
                    raise Unavailable(retry_after=1) from exc
            # Jitter: the rivals must not meet again at the same moment.
            time.sleep(random.uniform(0, FIRST_PAUSE_SECONDS * 2**attempt))  # noqa: S311
        raise AssertionError("unreachable")

    return retrying
