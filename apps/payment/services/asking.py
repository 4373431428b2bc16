"""Asking a provider how an attempt went, and closing it there. No provider is called inside a transaction."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from apps.core.exceptions import GatewayError
from apps.core.transactions import retry_lost_transactions
from apps.payment.exceptions import EventMismatch, Rejected, UnknownPayment
from apps.payment.gateways.interface import PaymentTold
from apps.payment.models import Payment
from apps.payment.services.accounts import gateway_of
from apps.payment.services.gate import apply_event, refuse_mismatch
from apps.users.models import User

# When an unpaid attempt is asked after, counted from its start; afterwards at the last interval until it expires.
QUERY_AFTER = [timedelta(seconds=s) for s in (5, 30, 60, 180, 300, 600, 1800)]
# The provider's clock is not ours: what it does not know now may be opened until then.
GRACE = timedelta(minutes=1)
# A buyer who waits for the result looks every second; the provider is not asked that often.
BUYERS_PAUSE = timedelta(seconds=3)

logger = logging.getLogger(__name__)


def ask_provider(payment: Payment) -> PaymentTold | None:
    """Ask after one attempt and apply the answer; None if the provider knows nothing of it (yet).

    Raises GatewayError, EventMismatch; Misconfigured if another account than its own would be asked.
    """
    told = gateway_of(payment).query(payment.out_trade_no, at=timezone.now())
    if told is not None:
        refuse_mismatch(apply_event(told))
    return told


def close_attempt(payment: Payment) -> bool:
    """Let nobody pay an attempt any more: ask, close at the provider, ask again if that is refused.

    Whether it has ended now, closed or paid after all. If not, it is offered to nobody any more and polling goes on:
    what the provider does not know may still be opened there until it expires. Raises as ``ask_provider``.
    """
    gateway_of(payment)  # what cannot be asked after stays as it is
    Payment.objects.mark_closing(payment)
    return end_attempt(payment)


def end_attempt(payment: Payment) -> bool:
    """Bring about a clear end, if the provider lets us; likewise."""
    told = ask_provider(payment)
    if told is None:
        is_over = timezone.now() >= payment.expires_at + GRACE
        return is_over and _close(payment)
    if told.outcome != "other":
        return True
    try:
        is_known = gateway_of(payment).close(payment.out_trade_no, at=timezone.now())
    except Rejected:
        # Paid, or closed, in this very moment.
        told = ask_provider(payment)
        return told is not None and told.outcome != "other"
    return is_known and _close(payment)


def check_payment(buyer: User, out_trade_no: str) -> Payment:
    """The buyer's attempt as it stands, the provider asked if nobody asked it within ``BUYERS_PAUSE``.

    A provider that does not answer changes nothing: the attempt is as it was. Raises UnknownPayment.
    """
    mine = Payment.objects.filter(order__user=buyer, out_trade_no=out_trade_no)
    payment = mine.first()
    if payment is None:
        raise UnknownPayment
    if payment.state != Payment.State.PENDING:
        return payment
    now = timezone.now()
    if Payment.objects.claim_question(payment, at=now, unless_since=now - BUYERS_PAUSE):
        try:
            ask_provider(payment)
        except (GatewayError, EventMismatch):
            logger.warning("No clear answer on payment %s", payment, exc_info=True)
    payment.refresh_from_db()
    return payment


def first_query_at(start: datetime) -> datetime:
    return start + QUERY_AFTER[0]


def next_query_at(payment: Payment, now: datetime) -> datetime:
    """There is always a next time, until there is a clear end.

    After the expiry the pauses grow with what has passed since, from ``GRACE`` to the last interval.
    """
    if now >= payment.expires_at:
        return now + min(max(now - payment.expires_at, GRACE), QUERY_AFTER[-1])
    planned = (payment.create_time + after for after in QUERY_AFTER)
    following = next((moment for moment in planned if moment > now), now + QUERY_AFTER[-1])
    return min(following, payment.expires_at)


@retry_lost_transactions
def _close(payment: Payment) -> bool:
    """True even if it was settled meanwhile: that is an end as well."""
    Payment.objects.close(payment)
    return True
