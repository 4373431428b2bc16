"""Orders canceled when they have been paid: the order, its stock and its money in one transaction."""

from django.db import transaction

from apps.core.transactions import retry_lost_transactions
from apps.orders.services import cancel_unshipped_order
from apps.payment.models import Refund
from apps.payment.services.refund_requests import refund_order
from apps.users.models import User


@retry_lost_transactions
@transaction.atomic(durable=True)
def cancel_paid_order(order_id: str, *, by: User, reason: str) -> Refund | None:
    """Cancel an order that was to be shipped: its stock goes back on sale, and all that is left of its money goes back.

    The refund, which the job sends; None if nobody has paid, as with cash on delivery. Of two who cancel, or one who
    cancels and one who ships, one gets WrongState. Raises NoSuchOrder besides.
    """
    return cancel_paid(order_id, by=by, reason=reason)


def cancel_paid(order_id: str, *, by: User, reason: str, key: str = "") -> Refund | None:
    """Likewise, in the caller's transaction; ``key`` is the refund's own, which a payment has once."""
    cancel_unshipped_order(order_id, by=by, reason=reason)
    return refund_order(order_id, reason=reason, by=by, key=key)
