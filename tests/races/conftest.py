import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from apps.core import transactions


@pytest.fixture(autouse=True)
def a_database_that_locks_rows() -> None:
    """SQLite lets one writer in at a time: on it a race test would pass without proving anything."""
    if connection.vendor == "sqlite":
        pytest.fail("Race tests need DATABASE_URL to be MySQL, MariaDB or PostgreSQL: make races")


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """The transactions that the database gave up on, although the buyer may not have noticed."""
    seen: list[Exception] = []
    real = transactions.lost_to_another

    def noting(exc: Exception) -> bool:
        seen.append(exc)
        return real(exc)

    monkeypatch.setattr(transactions, "lost_to_another", noting)
    return seen


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Do all calls at the same moment, each in a thread with a connection of its own.

    What each returned or raised, in the order of the calls.
    """
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            results[number] = call()
        except Exception as exc:
            results[number] = exc
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
