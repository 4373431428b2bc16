"""The figures that operators look at, kept by a job."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, DecimalField, Exists, OuterRef, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.core.clock import BEIJING
from apps.core.transactions import retry_lost_transactions
from apps.orders.models import OrderInfo, Status
from apps.payment.models import Payment, Refund
from apps.reports.models import DayFigures
from apps.users.models import User

# A provider may tell late what happened yesterday, and an order is paid or canceled after the day it was placed.
RECENT = 3
# Nightly, as far back as the dashboard looks.
KEPT_EXACT = 35

MONEY: Any = DecimalField(max_digits=14, decimal_places=2)


def update_recent_figures() -> int:
    """Count today and the days before it anew; how many days."""
    return count_days(_last_days(RECENT))


def recount_figures() -> int:
    """Count all days anew that the dashboard shows; how many days."""
    return count_days(_last_days(KEPT_EXACT))


def count_days(days: Iterable[date]) -> int:
    """Count days in Beijing anew; how many. Counting one twice, or by two workers at once, changes nothing."""
    counted = 0
    for day in days:
        _count(day)
        counted += 1
    return counted


@retry_lost_transactions
def _count(day: date) -> None:
    start = datetime.combine(day, time.min, tzinfo=BEIJING)
    that_day = (start, start + timedelta(days=1))
    figures = _orders(that_day) | _money_in(that_day) | _money_back(that_day)
    figures["new_users"] = _within(User.objects, "date_joined", that_day).count()
    DayFigures.objects.update_or_create(day=day, defaults=figures)


def _orders(that_day: tuple[datetime, datetime]) -> dict[str, Any]:
    """Cash on delivery is paid at the door: an order that is under way counts as one that will be."""
    settled = Q(Exists(Payment.objects.filter(settles=OuterRef("pk"))))
    goes_on = ~Q(status__in=[Status.UNPAID, Status.CANCELED])
    placed = _within(OrderInfo.objects, "create_time", that_day)
    counted: dict[str, Any] = placed.aggregate(
        orders=Count("pk"), paid_orders=Count("pk", filter=goes_on | settled)
    )
    return counted


def _money_in(that_day: tuple[datetime, datetime]) -> dict[str, Any]:
    settling = _within(Payment.objects, "paid_at", that_day).filter(settles__isnull=False)
    counted: dict[str, Any] = settling.aggregate(payments=Count("pk"), paid_amount=_sum("amount"))
    return counted


def _money_back(that_day: tuple[datetime, datetime]) -> dict[str, Any]:
    """Of what had settled an order: surplus that goes back was never income."""
    given_back = _within(Refund.objects, "succeeded_at", that_day)
    of_orders = given_back.filter(payment__settles__isnull=False, state=Refund.State.SUCCEEDED)
    counted: dict[str, Any] = of_orders.aggregate(
        refunds=Count("pk"), refunded_amount=_sum("amount")
    )
    return counted


def _within(rows: Any, column: str, that_day: tuple[datetime, datetime]) -> Any:
    start, end = that_day
    return rows.filter(**{f"{column}__gte": start, f"{column}__lt": end}).order_by()


def _sum(column: str) -> Coalesce:
    return Coalesce(Sum(column), Value(0), output_field=MONEY)


def _last_days(count: int) -> list[date]:
    today = timezone.now().astimezone(BEIJING).date()
    return [today - timedelta(days=ago) for ago in range(count)]
