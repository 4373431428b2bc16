"""What a buyer does: ask, and take it back."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.after_sales.exceptions import (
    AfterSaleAmountInvalid,
    AfterSaleNotPossible,
    LineNotOfOrder,
    TooManyUnits,
)
from apps.after_sales.models import AfterSale, AfterSaleLine
from apps.after_sales.selectors import askable_amount
from apps.after_sales.services.ledger import lock, note, too_late
from apps.after_sales.services.pictures import attach_pictures
from apps.core.transactions import retry_lost_transactions
from apps.orders.exceptions import KeyReused, NoSuchOrder
from apps.orders.models import OrderEvent, OrderGoods, OrderInfo, Step
from apps.payment.models import Payment
from apps.users.models import User

# A second click comes sooner than a second thought.
REPEAT = timedelta(minutes=1)
FEN = Decimal("0.01")
Kind, State, Status = AfterSale.Kind, AfterSale.State, OrderInfo.Status
SHIPPED = (Status.UNRECEIVED, Status.UNCOMMENT, Status.FINISHED)


@retry_lost_transactions
@transaction.atomic(durable=True)
def request_after_sale(
    order_id: str,
    *,
    kind: str,
    reason: str,
    by: User,
    words: str = "",
    counts: Mapping[int, int] | None = None,
    amount: Decimal | None = None,
    picture_ids: Sequence[int] = (),
    key: str = "",
) -> AfterSale:
    """Ask to cancel an order, or for money back for ``counts`` units of its lines, by the lines' ids.

    ``amount`` is CNY yuan, None as much as these units cost and can be refunded; of a cancellation it is all. Raises
    NoSuchOrder, AfterSaleNotPossible, LineNotOfOrder, TooManyUnits, AfterSaleAmountInvalid, ImagesNotUsable, KeyReused.
    The order's row is locked, so requests made at once do not ask for the same units.

    ``key`` is a digest of the Idempotency-Key: the same gives the same request again. Without one, so does what is
    asked word for word within ``REPEAT``, while the first waits: a double click.
    """
    order = OrderInfo.objects.select_for_update().filter(pk=order_id, user=by).first()
    if order is None:
        raise NoSuchOrder
    units = sorted((counts or {}).items())
    terms = [order_id, kind, reason, words, units, str(amount), [*picture_ids]]
    asked_digest = sha256(json.dumps(terms).encode()).hexdigest()
    if repeated := _asked_before(order, key, asked_digest):
        return repeated
    payment = _refuse_impossible(order, kind)
    earlier = AfterSale.objects.filter(order=order).count()
    if earlier >= AfterSale.MOST_PER_ORDER:
        raise AfterSaleNotPossible("often", order_status=order.status)
    lines = {line.pk: line for line in OrderGoods.objects.filter(order=order)}
    wanted = {pk: line.count for pk, line in lines.items()} if kind == Kind.CANCEL else counts or {}
    cost = _cost(order, lines, wanted)
    most = askable_amount(payment)
    if kind != Kind.CANCEL:
        most = min(most, cost)
    asked = most if amount is None or kind == Kind.CANCEL else amount
    if not FEN <= asked <= most or asked != asked.quantize(FEN):
        raise AfterSaleAmountInvalid(most)
    after_sale = _write(
        number=f"{order.pk}A{earlier + 1:02d}",
        order=order,
        user=by,
        kind=kind,
        reason=reason,
        words=words,
        amount_asked=asked,
        idempotency_key=key or None,
        request_digest=asked_digest,
    )
    AfterSaleLine.objects.bulk_create(
        [
            AfterSaleLine(after_sale=after_sale, line=lines[pk], count=wanted[pk])
            for pk in sorted(wanted)
        ]
    )
    attach_pictures(after_sale, picture_ids)
    note(after_sale, State.REQUESTED, by=by, words=words)
    return after_sale


@retry_lost_transactions
@transaction.atomic(durable=True)
def withdraw(after_sale_id: int, *, by: User) -> AfterSale:
    """Take a request back that nothing has come of yet. Raises WrongAfterSaleState, NoSuchAfterSale."""
    after_sale = lock(after_sale_id)
    if not AfterSale.objects.withdraw(after_sale.pk):
        raise too_late(after_sale)
    note(after_sale, State.WITHDRAWN, by=by, came_from=after_sale.state)
    after_sale.refresh_from_db()
    return after_sale


def askable_until(order: OrderInfo) -> datetime | None:
    """Until when something can be asked of an order; None if its time has not begun: it was not received, or not paid.

    What is paid at the door is booked by the shop later, and nothing can be asked before. Who says that an order has
    arrived, the buyer or ``RECEIVE_DAYS``, makes no difference.
    """
    if order.status not in {Status.UNCOMMENT, Status.FINISHED}:
        return None
    payment = Payment.objects.filter(settles=order).first()
    if payment is None:
        return None
    received = OrderEvent.objects.filter(order=order, step=Step.RECEIVE)
    # Orders from before events were kept have none; they were changed last when they were received, or later.
    at = received.values_list("create_time", flat=True).first() or order.update_time
    return max(at, payment.paid_at or at) + timedelta(days=settings.AFTER_SALE_DAYS)


def kinds_possible(order: OrderInfo) -> list[str]:
    """What can be asked of an order at this moment."""
    if not Payment.objects.filter(settles=order).exists():
        return []
    return [str(kind) for kind in Kind if not _obstacle(order, kind)]


def _asked_before(order: OrderInfo, key: str, asked_digest: str) -> AfterSale | None:
    """The request that this one repeats. Raises KeyReused."""
    own = AfterSale.objects.filter(user=order.user_id)
    if not key:
        same = own.filter(order=order, request_digest=asked_digest, state=State.REQUESTED)
        return same.filter(create_time__gte=timezone.now() - REPEAT).first()
    earlier = own.filter(idempotency_key=key).first()
    if earlier and earlier.request_digest != asked_digest:
        raise KeyReused
    return earlier


def _write(**columns: Any) -> AfterSale:
    """Write the request's row. Raises KeyReused if its key was given to one of another order in this moment."""
    try:
        with transaction.atomic():
            return AfterSale.objects.create(**columns)
    except IntegrityError as exc:
        key = columns["idempotency_key"]
        if key and AfterSale.objects.filter(user=columns["user"], idempotency_key=key).exists():
            raise KeyReused from exc
        raise


def _refuse_impossible(order: OrderInfo, kind: str) -> Payment:
    payment = Payment.objects.select_for_update().filter(settles=order).first()
    if payment is None:
        raise AfterSaleNotPossible("unpaid", order_status=order.status)
    if obstacle := _obstacle(order, kind):
        raise AfterSaleNotPossible(obstacle, order_status=order.status)
    return payment


def _obstacle(order: OrderInfo, kind: str) -> str:
    """A reason of AfterSaleNotPossible, "" without any."""
    if order.status == Status.CANCELED:
        return "ended"
    if kind == Kind.CANCEL:
        return "" if order.status == Status.UNSEND else "shipped"
    if order.status not in SHIPPED:
        return "not_shipped"
    until = askable_until(order)
    return "late" if until and until <= timezone.now() else ""


def _cost(order: OrderInfo, lines: Mapping[int, OrderGoods], wanted: Mapping[int, int]) -> Decimal:
    """What the wanted units cost, CNY yuan, if they can be asked for."""
    if not wanted or not wanted.keys() <= lines.keys():
        raise LineNotOfOrder
    taken = AfterSaleLine.objects.taken(order.pk)
    left = {pk: lines[pk].count - taken.get(pk, 0) for pk in wanted}
    if short := [pk for pk in sorted(wanted) if not 0 < wanted[pk] <= left[pk]]:
        raise TooManyUnits([{"line": pk, "askable_count": left[pk]} for pk in short])
    return sum((lines[pk].price * count for pk, count in wanted.items()), Decimal("0.00"))
