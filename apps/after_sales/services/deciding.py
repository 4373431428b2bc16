"""What operators do: approve, reject, take goods in, pay out. Of two who decide at once, one does."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from apps.after_sales.exceptions import AfterSaleAmountInvalid, SellableInvalid
from apps.after_sales.models import AfterSale
from apps.after_sales.services.ledger import lock, note, too_late
from apps.core.transactions import retry_lost_transactions
from apps.goods.services import restock
from apps.notifications.services import Event
from apps.orders.services import tell_buyer
from apps.payment.exceptions import NothingToRefund
from apps.payment.models import Payment, Refund
from apps.payment.services import cancel_paid, refund_order
from apps.users.models import User

FEN = Decimal("0.01")
Kind, State = AfterSale.Kind, AfterSale.State


@retry_lost_transactions
@transaction.atomic(durable=True)
def approve(
    after_sale_id: int, *, by: User, amount: Decimal | None = None, words: str = ""
) -> AfterSale:
    """Grant a request, with ``amount`` CNY yuan, None as much as was asked for.

    A cancellation cancels the order and gives back all that is left, whatever ``amount`` says; a refund is written
    down; a return waits for its goods. All of it or nothing. Raises WrongAfterSaleState, AfterSaleAmountInvalid,
    NothingToRefund; WrongState if the order was shipped meanwhile: then the request stays, to be rejected.
    """
    after_sale = lock(after_sale_id)
    if after_sale.state != State.REQUESTED:
        raise too_late(after_sale)
    reason = _reason(after_sale)
    if after_sale.kind == Kind.CANCEL:
        refund = cancel_paid(after_sale.order_id, by=by, reason=reason, key=_key(after_sale))
        _take_approval(after_sale, refund.amount if refund else Decimal(0), by=by, words=words)
        _take_refund(after_sale, refund, by=by)
    else:
        granted = after_sale.amount_asked if amount is None else amount
        if not FEN <= granted <= after_sale.amount_asked or granted != granted.quantize(FEN):
            raise AfterSaleAmountInvalid(after_sale.amount_asked)
        if after_sale.kind == Kind.RETURN:
            _refuse_excess(after_sale, granted)
            _take_approval(after_sale, granted, by=by, words=words)
        else:
            refund = _refund(after_sale, granted, by=by)
            _take_approval(after_sale, granted, by=by, words=words)
            _take_refund(after_sale, refund, by=by)
    _tell(after_sale, "approved", words)
    return _fresh(after_sale)


@retry_lost_transactions
@transaction.atomic(durable=True)
def reject(after_sale_id: int, *, by: User, words: str) -> AfterSale:
    """Refuse a request, or give up waiting for its goods; the buyer is told why. Raises WrongAfterSaleState."""
    after_sale = lock(after_sale_id)
    if not AfterSale.objects.reject(after_sale.pk):
        raise too_late(after_sale)
    note(after_sale, State.REJECTED, by=by, words=words, came_from=after_sale.state)
    _tell(after_sale, "rejected", words)
    return _fresh(after_sale)


@retry_lost_transactions
@transaction.atomic(durable=True)
def receive_goods(
    after_sale_id: int, *, sellable: Mapping[int, int], by: User, words: str = ""
) -> AfterSale:
    """Record that the goods of a return came back, and put those that are ``sellable`` on sale again.

    ``sellable`` has a count for each of the request's lines, by their ids. Raises WrongAfterSaleState,
    SellableInvalid, and what ``restock`` raises. The money goes back by ``refund_received``.
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
    return _fresh(after_sale)


@retry_lost_transactions
@transaction.atomic(durable=True)
def refund_received(after_sale_id: int, *, by: User) -> AfterSale:
    """Write the refund of a return down whose goods are here: once, whoever tries. The job sends it.

    Raises WrongAfterSaleState, NothingToRefund.
    """
    after_sale = lock(after_sale_id)
    if after_sale.state != State.RECEIVED or after_sale.amount_approved is None:
        raise too_late(after_sale)
    _take_refund(after_sale, _refund(after_sale, after_sale.amount_approved, by=by), by=by)
    return _fresh(after_sale)


def _take_approval(after_sale: AfterSale, amount: Decimal, *, by: User, words: str) -> None:
    if not AfterSale.objects.approve(after_sale.pk, amount):
        raise too_late(after_sale)
    note(after_sale, State.APPROVED, by=by, words=words, came_from=State.REQUESTED)


def _take_refund(after_sale: AfterSale, refund: Refund | None, *, by: User) -> None:
    if not AfterSale.objects.refund(after_sale.pk, refund):
        raise too_late(after_sale)
    came_from = State.RECEIVED if after_sale.kind == Kind.RETURN else State.APPROVED
    note(after_sale, State.REFUNDED, by=by, words=str(refund or ""), came_from=came_from)


def _refund(after_sale: AfterSale, amount: Decimal, *, by: User) -> Refund:
    refund = refund_order(
        after_sale.order_id,
        amount=amount,
        reason=_reason(after_sale),
        by=by,
        key=_key(after_sale),
    )
    if refund is None:
        raise NothingToRefund(refundable_amount="0.00")
    return refund


def _refuse_excess(after_sale: AfterSale, amount: Decimal) -> None:
    """Of what is not refunded before the goods come; looked at once more when it is."""
    payment = Payment.objects.select_for_update().filter(settles=after_sale.order_id).first()
    left = payment.refundable_amount if payment else Decimal("0.00")
    if amount > left:
        raise NothingToRefund(refundable_amount=str(left))


def _key(after_sale: AfterSale) -> str:
    """A payment has one refund with it, so none is paid twice. No digest of an Idempotency-Key looks like it."""
    return f"after-sale {after_sale.number}"


def _reason(after_sale: AfterSale) -> str:
    """What stands on the refund."""
    return f"{after_sale.get_kind_display()}: {after_sale.get_reason_display()}"


def _tell(after_sale: AfterSale, decision: str, words: str) -> None:
    told = {"decision": decision, "reason": words, "number": after_sale.number}
    tell_buyer(Event.AFTER_SALE_DECIDED, after_sale.order_id, told)


def _fresh(after_sale: AfterSale) -> AfterSale:
    after_sale.refresh_from_db()
    return after_sale
