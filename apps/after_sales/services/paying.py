"""How a request that was granted comes to its end: its refund is written down, or it was settled otherwise."""

from django.db import transaction

from apps.after_sales.models import AfterSale
from apps.after_sales.services.ledger import fresh, lock, note, tell_decision, too_late
from apps.core.transactions import retry_lost_transactions
from apps.orders.models import Status
from apps.orders.services import refusal
from apps.payment.exceptions import NothingToRefund, NotToBeHandedOver
from apps.payment.models import Refund
from apps.payment.services import cancel_paid, confirm_handed_over, refund_order
from apps.users.models import User

Kind, State = AfterSale.Kind, AfterSale.State


@retry_lost_transactions
@transaction.atomic(durable=True)
def refund_approved(after_sale_id: int, *, by: User) -> AfterSale:
    """Write the refund down of a request that was granted, and whose goods are here if it is a return: once, whoever
    tries. The job sends it. A cancellation cancels its order with that, and gives back all that is left.

    Raises WrongAfterSaleState, NothingToRefund; WrongState if a cancellation's order is not to be shipped any more.
    """
    after_sale = lock(after_sale_id)
    if not after_sale.may_be_refunded:
        raise too_late(after_sale)
    pay_back(after_sale, by=by)
    return fresh(after_sale)


@retry_lost_transactions
@transaction.atomic(durable=True)
def settle_otherwise(after_sale_id: int, *, by: User, words: str, seen: str = "") -> AfterSale:
    """Close an open request that was settled in some other way, as by a refund from the payment's page.

    ``words`` say how; the buyer is told. No money moves and no order is canceled here. Raises WrongAfterSaleState, also
    if the state is another one than ``seen``; WrongState of a cancellation whose order is not canceled: that one is
    approved or rejected.
    """
    after_sale = lock(after_sale_id)
    if after_sale.kind == Kind.CANCEL and after_sale.order.status != Status.CANCELED:
        raise refusal(after_sale.order_id)
    if seen not in ("", after_sale.state) or not AfterSale.objects.settle(after_sale.pk):
        raise too_late(after_sale)
    note(after_sale, State.SETTLED, by=by, words=words, came_from=after_sale.state)
    tell_decision(after_sale, State.SETTLED, words)
    return fresh(after_sale)


def confirm_cash(after_sale_id: int, *, by: User) -> AfterSale:
    """Record that the buyer has been given the cash of his refund. Raises NotToBeHandedOver."""
    after_sale = AfterSale.objects.get(pk=after_sale_id)
    if after_sale.refund_id is None:
        raise NotToBeHandedOver
    confirm_handed_over(after_sale.refund_id, by=by)
    return after_sale


def pay_back(after_sale: AfterSale, *, by: User) -> None:
    """Likewise as ``refund_approved``, in the caller's transaction, of a request that is locked."""
    if after_sale.kind == Kind.CANCEL:
        reason, key = _reason(after_sale), after_sale.refund_key
        refund = cancel_paid(
            after_sale.order_id, by=by, reason=reason, key=key, is_handed_over=False
        )
    else:
        refund = _refund(after_sale, by=by)
    if not AfterSale.objects.refund(after_sale.pk, refund):
        raise too_late(after_sale)
    note(after_sale, State.REFUNDED, by=by, words=str(refund or ""), came_from=after_sale.state)


def _refund(after_sale: AfterSale, *, by: User) -> Refund:
    refund = refund_order(
        after_sale.order_id,
        amount=after_sale.amount_approved,
        reason=_reason(after_sale),
        by=by,
        key=after_sale.refund_key,
        is_handed_over=False,
    )
    if refund is None:
        raise NothingToRefund(refundable_amount="0.00")
    return refund


def _reason(after_sale: AfterSale) -> str:
    """What stands on the refund."""
    return f"{after_sale.get_kind_display()}: {after_sale.get_reason_display()}"
