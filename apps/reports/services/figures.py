"""What happened on a day, counted by the indexes on the moments at which it happened."""

from datetime import datetime
from typing import Any

from django.db.models import Count, DecimalField, Exists, OuterRef, Q, Sum, Value
from django.db.models.functions import Coalesce

from apps.orders.models import OrderInfo, Status
from apps.payment.models import Payment, Refund
from apps.users.models import User

MONEY: Any = DecimalField(max_digits=14, decimal_places=2)


def figures_of(that_day: tuple[datetime, datetime]) -> dict[str, Any]:
    """The columns of a day's figures, from the rows of the shop; four statements."""
    figures = _orders(that_day) | _money_in(that_day) | _money_back(that_day)
    figures["new_users"] = _within(User.objects, "date_joined", that_day).count()
    return figures


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
