"""Which database errors are worth another try, and how many tries there are."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from django.db import IntegrityError, OperationalError

from apps.core import transactions
from apps.core.exceptions import Conflict, LostRace, Unavailable
from apps.core.transactions import RETRIES, retry_lost_transactions


class PostgresError(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def caused_by(cause: Exception) -> OperationalError:
    """As Django wraps what a driver raises."""
    error = OperationalError(*cause.args)
    error.__cause__ = cause
    return error


def from_mysql(code: int) -> OperationalError:
    return caused_by(OperationalError(code, "said the server"))


def from_postgres(sqlstate: str) -> OperationalError:
    return caused_by(PostgresError(sqlstate))


def from_sqlite(code: int) -> OperationalError:
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = code
    return caused_by(cause)


LOST = {
    "mysql deadlock": from_mysql(1213),
    "mysql lock wait time-out": from_mysql(1205),
    "serialization failure": from_postgres("40001"),
    "postgres deadlock": from_postgres("40P01"),
    "postgres lock not available": from_postgres("55P03"),
    "sqlite busy": from_sqlite(sqlite3.SQLITE_BUSY),
    "sqlite busy snapshot": from_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT),
    "sqlite locked": from_sqlite(sqlite3.SQLITE_LOCKED),
    "our own": LostRace("beaten"),
}
FINAL = {
    "mysql gone away": from_mysql(2006),
    "mysql unknown column": from_mysql(1054),
    "postgres shut down": from_postgres("57P01"),
    "sqlite disk full": from_sqlite(sqlite3.SQLITE_FULL),
    "nothing known": OperationalError(),
    "integrity": IntegrityError(1062, "Duplicate entry"),
    "a refusal": Conflict(),
    "a bug": KeyError(1213),
}


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each pause would have been."""
    slept: list[float] = []
    monkeypatch.setattr(transactions.time, "sleep", slept.append)
    return slept


def failing(*failures: Exception) -> tuple[Callable[[int], int], list[int]]:
    """A function that fails so often and then answers; and with what it was called."""
    coming: Iterator[Exception] = iter(failures)
    calls: list[int] = []

    @retry_lost_transactions
    def answer(number: int) -> int:
        calls.append(number)
        for failure in coming:
            raise failure
        return number * 2

    return answer, calls


def test_what_works_is_called_once(pauses: list[float]) -> None:
    answer, calls = failing()
    assert answer(21) == 42
    assert (calls, pauses) == ([21], [])


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST.keys())
def test_a_lost_transaction_is_tried_again(lost: Exception, pauses: list[float]) -> None:
    answer, calls = failing(*[lost] * RETRIES)
    assert answer(21) == 42
    assert calls == [21] * 4
    assert len(pauses) == 3


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST.keys())
def test_after_three_retries_the_buyer_is_asked_to_come_again(lost: Exception) -> None:
    answer, calls = failing(*[lost] * 10)
    with pytest.raises(Unavailable) as refusal:
        answer(21)
    assert len(calls) == 4
    assert refusal.value.retry_after == 1
    assert refusal.value.__cause__ is lost


@pytest.mark.parametrize("final", FINAL.values(), ids=FINAL.keys())
def test_everything_else_passes_at_once(final: Exception, pauses: list[float]) -> None:
    answer, calls = failing(final)
    with pytest.raises(type(final)) as raised:
        answer(21)
    assert raised.value is final
    assert (calls, pauses) == ([21], [])


def test_another_error_after_a_lost_race_passes(pauses: list[float]) -> None:
    answer, calls = failing(LOST["mysql deadlock"], FINAL["a refusal"])
    with pytest.raises(Conflict):
        answer(21)
    assert (len(calls), len(pauses)) == (2, 1)


def test_pauses_may_grow_and_are_never_long(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions.random, "uniform", lambda shortest, longest: longest)
    answer, _ = failing(*[LostRace()] * 3)
    answer(21)
    assert pauses == [0.02, 0.04, 0.08]
