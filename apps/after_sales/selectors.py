from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import (
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext

from apps.after_sales.models import AfterSale, AfterSaleLine
from apps.after_sales.models.after_sales import REFUND_KEY, UNDECIDED
from apps.goods.models import StockMovement
from apps.orders.models import OrderGoods, OrderInfo
from apps.orders.selectors import Hold
from apps.payment.models import Payment, Refund


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
    left = askable_amount(payment) if payment else Decimal("0.00")
    return {"order_id": order.pk, "refundable_amount": left, "lines": lines}


def askable_amount(payment: Payment) -> Decimal:
    """How much of what settled an order can still be asked back, CNY yuan.

    What was granted already, and whose refund has failed, is not left: it is owed.
    """
    failed = AfterSale.objects.filter(
        order=payment.order_id, state=AfterSale.State.REFUNDED, refund__state=Refund.State.FAILED
    )
    owed = sum(
        each.refund.amount
        for each in failed.with_standing()
        if each.refund and each.standing == AfterSale.Standing.REFUND_FAILED
    )
    return max(payment.refundable_amount - owed, Decimal("0.00"))


def waiting_cancellations(order_ids: Collection[str]) -> Iterator[tuple[str, Hold]]:
    """Orders that their buyers ask to cancel, until that is rejected or withdrawn."""
    waiting = AfterSale.objects.filter(
        order__in=order_ids, kind=AfterSale.Kind.CANCEL, state__in=UNDECIDED
    )
    said = gettext("The buyer asks to cancel this order: decide that before it is shipped.")
    for request in waiting:
        yield request.order_id, Hold(said, request)


def after_sale_differences() -> Iterator[str]:
    """Where more was asked back than was bought, and where goods or money that came back are not what was decided."""
    yield from _more_asked_than_bought()
    yield from _goods_not_booked_as_said()
    yield from _money_not_as_approved()
    yield from _money_that_did_not_arrive()


def _more_asked_than_bought() -> Iterator[str]:
    ended = [AfterSale.State.REJECTED, AfterSale.State.WITHDRAWN]
    counting = Sum(
        "after_sale_lines__count", filter=~Q(after_sale_lines__after_sale__state__in=ended)
    )
    over = OrderGoods.objects.filter(after_sale_lines__isnull=False).annotate(asked=counting)
    for line in over.filter(asked__gt=F("count")).order_by("pk").iterator():
        yield f"order line {line.pk} of order {line.order_id}: {line.asked} of {line.count} asked back"


def _goods_not_booked_as_said() -> Iterator[str]:
    """What operators called sellable, and nothing else, was booked as returned under the request's number."""
    booked = StockMovement.objects.filter(reason=StockMovement.Reason.RETURN)
    own = booked.filter(sku=OuterRef("line__sku"), note=OuterRef("after_sale__number"))
    units = own.order_by().values("note").annotate(units=Sum("change")).values("units")
    lines = AfterSaleLine.objects.annotate(
        said=Coalesce("sellable", 0),
        booked=Coalesce(Subquery(units, output_field=IntegerField()), 0),
    )
    wrong = lines.exclude(said=F("booked")).select_related("after_sale", "line").order_by("pk")
    for line in wrong.iterator():
        yield (
            f"after-sale {line.after_sale}: {line.said} of SKU {line.line.sku_id} were called sellable, "
            f"but {line.booked} are booked as returned"
        )
    requests = AfterSale.objects.filter(number=OuterRef("note"))
    lines_of_sku = AfterSaleLine.objects.filter(
        after_sale__number=OuterRef("note"), line__sku=OuterRef("sku")
    )
    for each in booked.filter(Exists(requests), ~Exists(lines_of_sku)).order_by("pk").iterator():
        yield (
            f"after-sale {each.note}: {each.change} of SKU {each.sku_id}, which it has no line of, "
            "are booked as returned"
        )


def _money_not_as_approved() -> Iterator[str]:
    """A refunded request has one refund, which is its own, of its amount and of its order; any other has none."""
    refunded = AfterSale.objects.filter(refund__isnull=False)
    wrong = refunded.exclude(
        amount_approved=F("refund__amount"), order=F("refund__payment__settles")
    )
    for each in wrong.select_related("refund").order_by("pk").iterator():
        yield (
            f"after-sale {each}: {each.amount_approved} was approved, "
            f"and refund {each.refund} is another amount, or another order's"
        )
    keys = Refund.objects.filter(
        request_key=Concat(Value(REFUND_KEY), OuterRef("number")),
        payment__order=OuterRef("order"),
    )
    others = keys.exclude(after_sale=OuterRef("pk"))
    # What an operator cancels by himself is refunded without a key, and its cancellation ends with it.
    with_its_order = Q(kind=AfterSale.Kind.CANCEL, refund__request_key__isnull=True)
    missing = Q(refund__isnull=False) & ~Exists(keys) & ~with_its_order
    surplus = Exists(others)
    for each in AfterSale.objects.filter(missing | surplus).order_by("pk").iterator():
        yield f"after-sale {each}: the refund under its key is not the one that it has"


def _money_that_did_not_arrive() -> Iterator[str]:
    """Requests whose refund failed for good, and nothing was given back in its place."""
    failed = AfterSale.objects.filter(
        state=AfterSale.State.REFUNDED, refund__state=Refund.State.FAILED
    )
    for each in failed.with_standing().order_by("pk"):
        if each.standing == AfterSale.Standing.REFUND_FAILED:
            yield f"after-sale {each}: refund {each.refund} failed, and there is none in its place"
