"""Days are Beijing's, as the providers reckon."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TypeVar

from apps.core.clock import BEIJING

# A movement near midnight may stand in a neighbouring day's bill, and bills come a day late.
POOL_DAYS = 3
BATCH = 500

T = TypeVar("T")


def beijing_day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def span(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day and of the next, UTC."""
    start = datetime.combine(day, time(), BEIJING)
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)


def is_of_age(day: date, *, now: datetime) -> bool:
    """Whether every bill that could explain what is missing in this day's is due by now."""
    return beijing_day(now) - day > timedelta(days=POOL_DAYS)


def batches(rows: Iterable[T]) -> Iterator[list[T]]:
    """So many rows at a time that one statement can ask for all of them."""
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        yield batch
