from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, Sum

from apps.after_sales.models import AfterSale, AfterSaleLine
from apps.orders.models import OrderGoods, OrderInfo
from apps.payment.models import Payment


def askable(order: OrderInfo) -> dict[str, Any]:
    """How many units of each line can still be asked back, and how much money is left to be refunded (CNY yuan)."""
    taken = AfterSaleLine.objects.taken(order.pk)
    payment = Payment.objects.filter(settles=order).first()
    lines = [
        {
            "line": line.pk,
            "sku_id": line.sku_id,
            "name": line.name,
            "price": line.price,
            "count": line.count,
            "askable_count": line.count - taken.get(line.pk, 0),
        }
        for line in OrderGoods.objects.filter(order=order)
    ]
    left = payment.refundable_amount if payment else Decimal("0.00")
    return {"order_id": order.pk, "refundable_amount": left, "lines": lines}


def after_sale_differences() -> Iterator[str]:
    """Where more was asked back than was bought, and where what went back is not what was approved."""
    ended = [AfterSale.State.REJECTED, AfterSale.State.WITHDRAWN]
    counting = Sum(
        "after_sale_lines__count", filter=~Q(after_sale_lines__after_sale__state__in=ended)
    )
    over = OrderGoods.objects.filter(after_sale_lines__isnull=False).annotate(asked=counting)
    for line in over.filter(asked__gt=F("count")).order_by("pk").iterator():
        yield f"order line {line.pk} of order {line.order_id}: {line.asked} of {line.count} asked back"
    refunded = AfterSale.objects.filter(refund__isnull=False)
    wrong = refunded.exclude(
        amount_approved=F("refund__amount"), order=F("refund__payment__settles")
    )
    for each in wrong.select_related("refund").order_by("pk").iterator():
        yield (
            f"after-sale {each}: {each.amount_approved} was approved, "
            f"and refund {each.refund} is another amount, or another order's"
        )
