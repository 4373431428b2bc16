from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

from apps.core.clock import BEIJING
from apps.reports.models import DayFigures

# The periods of the dashboard, in days up to today; each is compared with the one before.
PERIODS = (1, 7, 30)
LOOKED_AT = 2 * max(PERIODS)


@dataclass(frozen=True)
class Totals:
    """The figures of some days together; amounts are CNY yuan."""

    orders: int = 0
    paid_orders: int = 0
    payments: int = 0
    paid_amount: Decimal = Decimal("0.00")
    refunds: int = 0
    refunded_amount: Decimal = Decimal("0.00")
    new_users: int = 0

    @property
    def conversion(self) -> Decimal | None:
        """The share of the orders placed that were paid, in percent with one decimal; None without orders."""
        if not self.orders:
            return None
        return _rounded(Decimal(100 * self.paid_orders) / self.orders, "0.1")

    @property
    def average_order(self) -> Decimal | None:
        """What was paid for an order on average; None if nothing was."""
        if not self.payments:
            return None
        return _rounded(self.paid_amount / self.payments, "0.01")


def last_days(count: int) -> list[date]:
    """So many days in Beijing, today first."""
    today = timezone.now().astimezone(BEIJING).date()
    return [today - timedelta(days=ago) for ago in range(count)]


def first_of(last: date, days: int) -> date:
    """The first of so many days up to ``last``."""
    return last - timedelta(days=days - 1)


def totals(days: Iterable[DayFigures]) -> Totals:
    """The figures of these days together."""
    rows = list(days)
    sums = {
        name: sum((getattr(row, name) for row in rows), zero)
        for name, zero in vars(Totals()).items()
    }
    return Totals(**sums)


def by_day(*, last: date, days: int) -> list[DayFigures]:
    """A row for each of so many days up to ``last``, the earliest first; a day that nobody counted is all zeros."""
    wanted = [last - timedelta(days=ago) for ago in reversed(range(days))]
    counted = {each.day: each for each in DayFigures.objects.between(wanted[0], last)}
    return [counted.get(day) or DayFigures(day=day) for day in wanted]


def _rounded(figure: Decimal, places: str) -> Decimal:
    return figure.quantize(Decimal(places), ROUND_HALF_UP)
