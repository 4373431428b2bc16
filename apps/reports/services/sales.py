"""What was sold on a day, by SKU."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, Sum

from apps.orders.models import OrderGoods
from apps.payment.models import Payment
from apps.reports.models import MONEY, SKUSales

BATCH = 1000


class Sold(NamedTuple):
    """``amount`` is CNY yuan."""

    pieces: int
    amount: Decimal


def write_sales(day: date, that_day: tuple[datetime, datetime]) -> None:
    """Make the rows of a day what was sold then; only those are written that are not so already.

    Call it while the day is locked.
    """
    counted, kept = _counted(that_day), _kept(day)
    changed = [sku_id for sku_id, sold in counted.items() if kept.get(sku_id) != sold]
    outdated = [sku_id for sku_id, sold in kept.items() if counted.get(sku_id) != sold]
    for start in range(0, len(outdated), BATCH):
        SKUSales.objects.filter(day=day, sku__in=outdated[start : start + BATCH]).delete()
    SKUSales.objects.bulk_create(
        [SKUSales(day=day, sku_id=sku_id, **counted[sku_id]._asdict()) for sku_id in changed],
        batch_size=BATCH,
    )


def _counted(that_day: tuple[datetime, datetime]) -> dict[int, Sold]:
    """By the index on the moment of the payment, and from there to the lines of the orders."""
    start, end = that_day
    paid = Payment.objects.filter(paid_at__gte=start, paid_at__lt=end, settles__isnull=False)
    lines = OrderGoods.objects.filter(order__in=paid.order_by().values("settles"))
    sums = (
        lines.order_by()
        .values("sku")
        .annotate(sold=Sum("count"), earned=Sum(F("price") * F("count"), output_field=MONEY))
    )
    return _by_sku(sums.values_list("sku", "sold", "earned"))


def _kept(day: date) -> dict[int, Sold]:
    return _by_sku(SKUSales.objects.filter(day=day).values_list("sku", "pieces", "amount"))


def _by_sku(rows: Any) -> dict[int, Sold]:
    return {sku_id: Sold(pieces, amount) for sku_id, pieces, amount in rows}
