"""The lists of what sold best, of a few rows each, so that nobody who looks has to add up a month of sales."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Sum

from apps.core.transactions import retry_lost_transactions
from apps.reports.models import BestCategory, BestSKU, DayFigures, SKUSales
from apps.reports.selectors import PERIODS, first_of

PLACES = 10


def rank_best_sellers(*, last: date, periods: Iterable[int] = PERIODS) -> None:
    """Rank SKUs and categories anew by the pieces sold in each period up to ``last``, a day that was counted.

    By pieces, because these everybody may see; among equals the older one first.
    """
    for days in periods:
        _rank(last, days)


@retry_lost_transactions
def _rank(last: date, days: int) -> None:
    sales = SKUSales.objects.between(first_of(last, days), last)
    with transaction.atomic():
        # As with the days: of two workers one waits, and then ranks what is newer.
        DayFigures.objects.lock(last)
        skus = _best(sales, "sku")
        BestSKU.objects.replace(days, last, skus)
        BestCategory.objects.replace(days, last, _best(sales, "sku__category"))


def _best(sales: Any, by: str) -> Iterable[tuple[int, int, Any]]:
    sums = sales.values(by).annotate(sold=Sum("pieces"), earned=Sum("amount"))
    return list(sums.order_by("-sold", by).values_list(by, "sold", "earned")[:PLACES])
