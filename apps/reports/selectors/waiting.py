"""What waits for somebody in the back office. Each costs the same however many orders there were."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from apps.after_sales.models import AfterSale
from apps.invoices.models import Invoice
from apps.notifications.selectors import delivery_health
from apps.orders.models import OrderInfo, Status
from apps.payment.models import Difference

MOST_COUNTED = 1000
EXPIRES_SOON = timedelta(minutes=10)
OPEN_AFTER_SALES = (AfterSale.State.REQUESTED, AfterSale.State.APPROVED, AfterSale.State.RECEIVED)


def orders_to_ship() -> str:
    return _up_to(OrderInfo.objects.filter(status=Status.UNSEND))


def expiring_until() -> datetime:
    return timezone.now() + EXPIRES_SOON


def orders_about_to_expire(until: datetime) -> str:
    return _up_to(OrderInfo.objects.overdue(until))


def open_after_sales() -> str:
    return _up_to(AfterSale.objects.filter(state__in=OPEN_AFTER_SALES))


def invoices_to_issue() -> str:
    return _up_to(Invoice.objects.requested())


def open_differences() -> str:
    return _up_to(Difference.objects.filter(state=Difference.State.OPEN))


def undelivered_messages() -> str:
    health = delivery_health()
    return str(health.given_up + health.overdue)


def _up_to(rows: Any) -> str:
    """How many there are, "1000+" for more: what nobody can work off in a day need not be counted in full."""
    counted = rows.order_by()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if counted > MOST_COUNTED else str(counted)
