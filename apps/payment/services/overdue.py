"""The job that cancels orders which nobody paid in time."""

import logging
import time
from collections.abc import Callable

from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.orders.models import OrderInfo
from apps.orders.services import cancel_unpaid_order
from apps.payment.models import Payment
from apps.payment.services.asking import GRACE

BATCH = 500
# Beat asks again every minute; a worker is not to be held for longer.
LONGEST_RUN_SECONDS = 50

logger = logging.getLogger(__name__)


def cancel_overdue_orders(clock: Callable[[], float] = time.monotonic) -> int:
    """Cancel every order past its time whose attempts have all had a clear end; how many.

    An attempt that may still be paid, as far as we know, holds its order open. Safe to run twice and at once, in the
    memory of one batch. After ``LONGEST_RUN_SECONDS`` of ``clock`` the rest is left to the next run.
    """
    ends_at = clock() + LONGEST_RUN_SECONDS
    canceled = 0
    pending = Payment.objects.filter(order=OuterRef("pk"), state=Payment.State.PENDING)
    overdue = OrderInfo.objects.overdue(timezone.now() - GRACE).filter(~Exists(pending))
    for order_id in overdue.numbers_in_turn("expires_at", BATCH):
        if clock() >= ends_at:
            break
        canceled += _cancel(order_id)
    return canceled


def _cancel(order_id: str) -> bool:
    try:
        return cancel_unpaid_order(order_id)
    except Exception:
        # Whatever it is, it must not keep all later ones open.
        logger.exception("Order %s could not be canceled", order_id)
        return False
