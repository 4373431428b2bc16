"""Orders canceled by people: by their buyers before they are paid, by operators then and afterwards."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from apps.core.transactions import retry_lost_transactions
from apps.orders.models import OrderInfo
from apps.orders.services import cancel_unpaid_order, cancel_unshipped_order, refusal
from apps.payment.exceptions import PaidMeanwhile
from apps.payment.models import Payment, Refund
from apps.payment.services.asking import close_attempt
from apps.payment.services.refund_requests import refund_order
from apps.users.models import User

Follow = Callable[[str, Refund | None, User, str], None]
_following: list[Follow] = []


def follow_cancellations(follow: Follow) -> None:
    """Have a function of an app above do what follows when an order that was to be shipped is canceled by itself.

    It is called in that transaction, with the order's number, what gives its money back, who canceled it and why; the
    order's row is locked. Call this in an app's ``ready``.
    """
    if follow not in _following:
        _following.append(follow)


def cancel_own_order(order: OrderInfo, *, by: User, reason: str = "") -> None:
    """Cancel an order that its buyer has not paid, as ``close_and_cancel_order``; cash on delivery until it is shipped.

    Raises WrongState also if the cash was taken in before: who wants that back asks for it. What that raises, besides.
    """
    if order.pay_method == OrderInfo.PayMethod.CASH and order.is_to_be_shipped:
        try:
            cancel_unsettled_order(order.pk, by=by, reason=reason)
        except PaidMeanwhile as exc:
            raise refusal(order.pk) from exc
    else:
        close_and_cancel_order(order, by=by, reason=reason)


def close_and_cancel_order(order: OrderInfo, *, by: User, reason: str = "") -> None:
    """Cancel an order that nobody has paid; its stock goes back on sale.

    First each open attempt to pay it is closed at its provider, outside transactions. One that cannot be ended yet, for
    the provider does not know it, holds nobody up: it is offered to nobody any more and asked after to its end, and
    money that comes all the same goes back (ADR 0014). Raises WrongState if the order does not wait for money, or was
    paid in this moment; GatewayError, EventMismatch if a provider gives no clear answer: nothing is canceled.
    """
    if order.is_payable:
        for payment in Payment.objects.filter(order=order, state=Payment.State.PENDING):
            close_attempt(payment)
        if cancel_unpaid_order(order.pk, by=by, reason=reason):
            # One may have been opened since we looked, before the order was canceled.
            Payment.objects.call_off(order, at=timezone.now())
            return
    raise refusal(order.pk)


@retry_lost_transactions
@transaction.atomic(durable=True)
def cancel_paid_order(order_id: str, *, by: User, reason: str) -> Refund | None:
    """Cancel an order that was to be shipped: its stock goes back on sale, and all that is left of its money goes back.

    The refund, which the job sends; None if nothing was left, as with cash that has not come in. Of two who cancel, or
    one who cancels and one who ships, one gets WrongState. Raises NoSuchOrder besides.
    """
    refund = cancel_paid(order_id, by=by, reason=reason)
    for follow in _following:
        follow(order_id, refund, by, reason)
    return refund


@retry_lost_transactions
@transaction.atomic(durable=True)
def cancel_unsettled_order(order_id: str, *, by: User, reason: str) -> None:
    """Likewise of an order whose money has not come in, as with cash on delivery: who cancels it moves none.

    Raises PaidMeanwhile if it has: then nothing is canceled.
    """
    if cancel_paid(order_id, by=by, reason=reason):
        raise PaidMeanwhile
    for follow in _following:
        follow(order_id, None, by, reason)


def cancel_paid(
    order_id: str, *, by: User, reason: str, key: str = "", is_handed_over: bool = True
) -> Refund | None:
    """As ``cancel_paid_order`` in the caller's transaction; the rest is as in ``refund_order``."""
    cancel_unshipped_order(order_id, by=by, reason=reason)
    return refund_order(order_id, reason=reason, by=by, key=key, is_handed_over=is_handed_over)
