"""What operators decide and see: approve, reject, take goods in. Of two who decide at once, one does."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from apps.after_sales.exceptions import AfterSaleAmountInvalid, SellableInvalid
from apps.after_sales.models import AfterSale
from apps.after_sales.services.ledger import fresh, lock, note, tell_decision, too_late
from apps.after_sales.services.paying import pay_back
from apps.core.transactions import retry_lost_transactions
from apps.goods.services import restock
from apps.orders.models import Status
from apps.orders.services import refusal
from apps.payment.exceptions import NothingToRefund
from apps.payment.models import Payment
from apps.users.models import User

FEN = Decimal("0.01")
Kind, State = AfterSale.Kind, AfterSale.State


@retry_lost_transactions
@transaction.atomic(durable=True)
def approve(
    after_sale_id: int,
    *,
    by: User,
    amount: Decimal | None = None,
    words: str = "",
    pays: bool = True,
) -> AfterSale:
    """Grant a request, with ``amount`` CNY yuan, None as much as was asked for; of a cancellation it is all.

    A return waits for its goods. A refund is written down at once if ``by`` may give money back (``pays``), and so is a
    cancellation's, whose order is canceled; otherwise they wait for ``refund_approved``. All of it or nothing. Raises
    WrongAfterSaleState, AfterSaleAmountInvalid, NothingToRefund; WrongState if the order was shipped or canceled
    meanwhile: then the request stays.
    """
    after_sale = lock(after_sale_id)
    if after_sale.state != State.REQUESTED:
        raise too_late(after_sale)
    if not AfterSale.objects.approve(after_sale.pk, _granted(after_sale, amount)):
        raise too_late(after_sale)
    note(after_sale, State.APPROVED, by=by, words=words, came_from=State.REQUESTED)
    after_sale = fresh(after_sale)
    if pays and after_sale.may_be_refunded:
        pay_back(after_sale, by=by)
    tell_decision(after_sale, State.APPROVED, words)
    return fresh(after_sale)


@retry_lost_transactions
@transaction.atomic(durable=True)
def reject(after_sale_id: int, *, by: User, words: str, seen: str = "") -> AfterSale:
    """Refuse a request, or give up what was granted and has not happened; the buyer is told why.

    Raises WrongAfterSaleState, also if the state is another one than ``seen``, which the operator looked at.
    """
    after_sale = lock(after_sale_id)
    if seen not in ("", after_sale.state) or not AfterSale.objects.reject(after_sale.pk):
        raise too_late(after_sale)
    note(after_sale, State.REJECTED, by=by, words=words, came_from=after_sale.state)
    tell_decision(after_sale, State.REJECTED, words)
    return fresh(after_sale)


@retry_lost_transactions
@transaction.atomic(durable=True)
def receive_goods(
    after_sale_id: int, *, sellable: Mapping[int, int], by: User, words: str = ""
) -> AfterSale:
    """Record that the goods of a return came back, and put those that are ``sellable`` on sale again.

    ``sellable`` has a count for each of the request's lines, by their ids. Raises WrongAfterSaleState,
    SellableInvalid, and what ``restock`` raises. The money goes back by ``refund_approved``.
    """
    after_sale = lock(after_sale_id)
    if not AfterSale.objects.receive(after_sale.pk):
        raise too_late(after_sale)
    lines = sorted(after_sale.lines.select_related("line"), key=lambda line: line.line.sku_id)
    if sellable.keys() != {line.pk for line in lines}:
        raise SellableInvalid
    # In the order of the SKUs' keys, as everybody locks them.
    for line in lines:
        count = sellable[line.pk]
        if not 0 <= count <= line.count:
            raise SellableInvalid
        line.sellable = count
        line.save(update_fields=["sellable"])
        if count:
            restock(line.line.sku_id, count, author=by, note=after_sale.number)
    note(after_sale, State.RECEIVED, by=by, words=words, came_from=State.APPROVED)
    return fresh(after_sale)


def _granted(after_sale: AfterSale, amount: Decimal | None) -> Decimal:
    """What can be granted at this moment, CNY yuan; looked at once more when it is refunded."""
    payment = Payment.objects.select_for_update().filter(settles=after_sale.order_id).first()
    left = payment.refundable_amount if payment else Decimal("0.00")
    if after_sale.kind == Kind.CANCEL:
        if after_sale.order.status != Status.UNSEND:
            raise refusal(after_sale.order_id)
        return left
    granted = after_sale.amount_asked if amount is None else amount
    if not FEN <= granted <= after_sale.amount_asked or granted != granted.quantize(FEN):
        raise AfterSaleAmountInvalid(after_sale.amount_asked)
    if granted > left:
        raise NothingToRefund(refundable_amount=str(left))
    return granted
