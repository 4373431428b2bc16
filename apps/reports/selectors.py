from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Sum

from apps.reports.models import DayFigures

COUNTED = (
    "orders",
    "paid_orders",
    "payments",
    "paid_amount",
    "refunds",
    "refunded_amount",
    "new_users",
)


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


def totals(*, last: date, days: int) -> Totals:
    """The figures of so many days up to ``last``, in one statement that reads so many rows."""
    first = last - timedelta(days=days - 1)
    sums = DayFigures.objects.between(first, last).order_by()
    summed = sums.aggregate(**{name: Sum(name) for name in COUNTED})
    return Totals(**{name: value for name, value in summed.items() if value is not None})


def by_day(*, last: date, days: int) -> list[DayFigures]:
    """A row for each of so many days up to ``last``, the earliest first; a day that nobody counted is all zeros."""
    wanted = [last - timedelta(days=ago) for ago in reversed(range(days))]
    counted = {each.day: each for each in DayFigures.objects.between(wanted[0], last)}
    return [counted.get(day) or DayFigures(day=day) for day in wanted]


def _rounded(figure: Decimal, places: str) -> Decimal:
    return figure.quantize(Decimal(places), ROUND_HALF_UP)
