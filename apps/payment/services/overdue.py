"""The job that cancels orders which nobody paid in time."""

import logging

from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.orders.models import OrderInfo
from apps.orders.services import cancel_unpaid_order
from apps.payment.models import Payment
from apps.payment.services.asking import GRACE

BATCH = 500

logger = logging.getLogger(__name__)


def cancel_overdue_orders() -> int:
    """Cancel every order past its time whose attempts have all had a clear end; how many.

    An attempt that may still be paid, as far as we know, holds its order open. Safe to run twice and at once, and a
    round is bounded: the next one goes on where it stopped.
    """
    pending = Payment.objects.filter(order=OuterRef("pk"), state=Payment.State.PENDING)
    overdue = OrderInfo.objects.overdue(timezone.now() - GRACE).filter(~Exists(pending))
    return sum(_cancel(order_id) for order_id in overdue.values_list("pk", flat=True)[:BATCH])


def _cancel(order_id: str) -> bool:
    try:
        return cancel_unpaid_order(order_id)
    except Exception:
        # It stays the oldest: whatever it is, it must not keep all later ones open for ever.
        logger.exception("Order %s could not be canceled", order_id)
        return False
