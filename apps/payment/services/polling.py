"""The job that makes good every lost notice, and ends what nobody paid."""

from datetime import datetime, timedelta

from django.utils import timezone

from apps.core.transactions import retry_lost_transactions
from apps.payment.models import Payment
from apps.payment.services.asking import ask_provider, end_attempt, next_query_at
from apps.payment.services.rounds import go_round, in_turn

# Nobody else asks meanwhile: longer than asking, closing and asking again may take. A worker that dies over it leaves
# the attempt due by then.
LEASE = timedelta(minutes=1)


def poll_due_payments() -> int:
    """Ask after every unpaid attempt whose time has come, and end what has expired; how many were asked after.

    Safe to run twice and at once: each attempt is claimed before it is asked after. Unknown is not failed: what gave
    no clear answer is asked after again, at growing pauses, for ever. The buyers take turns.
    """
    due = Payment.objects.due(timezone.now())
    in_fairness = in_turn(due, by="order__user", order_by="next_query_at")
    return go_round(in_fairness, _ask_after, provider="provider")


def _ask_after(payment: Payment) -> bool:
    now = timezone.now()
    planned = next_query_at(payment, now)
    if not _claim(payment, now):
        return False
    try:
        if payment.is_closing or now >= payment.expires_at:
            end_attempt(payment)
        else:
            ask_provider(payment)
    finally:
        _put_off(payment, planned)
    return True


@retry_lost_transactions
def _claim(payment: Payment, now: datetime) -> bool:
    if not Payment.objects.claim(payment, at=now, next_query_at=now + LEASE):
        return False
    payment.next_query_at = now + LEASE
    return True


@retry_lost_transactions
def _put_off(payment: Payment, planned: datetime) -> None:
    Payment.objects.put_off(payment, next_query_at=planned)
