"""One round of a job: what is due, provider by provider, so that a slow one does not hold up the others for long."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model, QuerySet, Window
from django.db.models.functions import RowNumber

from apps.payment.exceptions import Unknown

BATCH = 100
# Whoever does not answer three times running is left alone until the next round. A call may take 3 + 10 s.
MOST_UNKNOWN = 3
MOST_SECONDS = 30

Row = TypeVar("Row", bound=Model)

logger = logging.getLogger(__name__)


def in_turn(due: QuerySet, *, by: str, order_by: str) -> QuerySet:
    """Everybody's first row before anybody's second, so that nobody is kept waiting by how much another has to do.

    ``by`` is the lookup of whose a row is, ``order_by`` the column by which rows wait.
    """
    rows: QuerySet = due.alias(turn=Window(RowNumber(), partition_by=by, order_by=order_by))
    return rows.order_by("turn", order_by)


def go_round(due: QuerySet[Row], do: Callable[[Row], bool], *, provider: str) -> int:
    """Do something with each row that is due; how many it was done with (``do`` says whether it was).

    ``provider`` is the lookup of a row's provider. An error with one row is logged and does not stop the others.
    """
    providers = due.order_by().values_list(provider, flat=True).distinct()
    return sum(_serve(due.filter(**{provider: name})[:BATCH], do) for name in providers)


def _serve(rows: QuerySet[Row], do: Callable[[Row], bool]) -> int:
    done = unknown = 0
    started = time.monotonic()
    for row in rows:
        try:
            done += do(row)
            unknown = 0
        except Exception as exc:
            # Whatever it is: a row that nobody thought of must not keep the others from their money.
            logger.exception("No clear answer on %s", row)
            done += 1
            unknown = unknown + 1 if isinstance(exc, Unknown) else 0
        if unknown == MOST_UNKNOWN or time.monotonic() - started > MOST_SECONDS:
            logger.warning("Leaving the rest of this provider's rows to the next round")
            break
    return done
