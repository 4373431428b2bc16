"""The job that takes orders as received when their buyers have said nothing in time."""

import logging
import time
from collections.abc import Callable

from django.utils import timezone

from apps.orders.models import OrderInfo
from apps.orders.services.shipping import receive_order

BATCH = 500
# Beat asks again; a worker is not to be held for longer.
LONGEST_RUN_SECONDS = 50

logger = logging.getLogger(__name__)


def receive_overdue_orders(clock: Callable[[], float] = time.monotonic) -> int:
    """Take every order as received that has been under way long enough; how many were.

    Each in a transaction of its own, so one that fails holds up no other. Safe to run twice and at once; after
    ``LONGEST_RUN_SECONDS`` of ``clock`` it leaves the rest to the next run.
    """
    ends_at = clock() + LONGEST_RUN_SECONDS
    received = 0
    late = OrderInfo.objects.unconfirmed(timezone.now())
    for order_id in late.numbers_in_turn("receive_by", BATCH):
        if clock() >= ends_at:
            break
        received += _receive(order_id)
    return received


def _receive(order_id: str) -> bool:
    try:
        return receive_order(order_id, by=None)
    except Exception:
        logger.exception("Order %s could not be taken as received", order_id)
        return False
