"""The job that keeps what operators look at: figures and sales by day, and from them the lists of best sellers."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction

from apps.core.clock import BEIJING
from apps.core.transactions import retry_lost_transactions
from apps.reports.models import DayFigures
from apps.reports.selectors import LOOKED_AT, PERIODS, last_days
from apps.reports.services.best_sellers import rank_best_sellers
from apps.reports.services.figures import figures_of
from apps.reports.services.sales import write_sales

# A provider may tell late what happened yesterday, and an order is paid or canceled after the day it was placed.
RECENT = 3
# A month of sales is most of the job's work, and its best sellers hardly change in a day: those are ranked at night.
RANKED_OFTEN = (1, 7)


def update_recent_figures() -> int:
    """Count today and the days before it anew, and what nobody has counted yet; how many days."""
    recent = last_days(RECENT)
    missed = _uncounted(last_days(LOOKED_AT)[RECENT:])
    counted = count_days([*recent, *missed])
    rank_best_sellers(last=recent[0], periods=PERIODS if missed else RANKED_OFTEN)
    return counted


def recount_figures() -> int:
    """Count all days anew that the dashboard shows; how many days."""
    days = last_days(LOOKED_AT)
    counted = count_days(days)
    rank_best_sellers(last=days[0], periods=PERIODS)
    return counted


def count_days(days: Iterable[date]) -> int:
    """Count days in Beijing anew; how many. Counting one twice, or by two workers at once, changes nothing."""
    counted = 0
    for day in days:
        _count(day)
        counted += 1
    return counted


def _uncounted(days: list[date]) -> list[date]:
    """All of them in a shop that has just come by this job, afterwards none."""
    counted = set(DayFigures.objects.filter(day__in=days).values_list("day", flat=True))
    return [day for day in days if day not in counted]


@retry_lost_transactions
def _count(day: date) -> None:
    start = datetime.combine(day, time.min, tzinfo=BEIJING)
    that_day = (start, start + timedelta(days=1))
    with transaction.atomic():
        # Who counts first is through before another begins: the older count never comes last.
        DayFigures.objects.lock(day)
        write_sales(day, that_day)
        DayFigures.objects.write(day, **figures_of(that_day))
