"""Attempts to pay: opening one, and asking the provider how it went. No provider is called inside a transaction."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.core.exceptions import DomainError, GatewayError, Unavailable
from apps.core.transactions import retry_lost_transactions
from apps.orders.models import OrderInfo
from apps.payment import gateways
from apps.payment.exceptions import NotPaidYet, OrderNotPayable, UnknownPayment
from apps.payment.models import Payment, Provider
from apps.payment.services.gate import apply_event, refuse_mismatch
from apps.users.models import User

# When an unpaid attempt is asked after, counted from its start; afterwards at the last interval until it expires.
QUERY_AFTER = [timedelta(seconds=s) for s in (5, 30, 60, 180, 300, 600, 1800)]
# The provider's clock is not ours: once more a moment after the attempt has expired.
LAST_QUERY_AFTER_EXPIRY = timedelta(minutes=1)
# An attempt that expires sooner than this is not offered to the buyer again.
SHORTEST_OFFER = timedelta(minutes=1)
POLL_BATCH = 100

logger = logging.getLogger(__name__)


def cashier_url(buyer: User, order_id: str) -> str:
    """Where the buyer pays this order. Raises OrderNotPayable.

    While an attempt is open the address leads to it, however often it is asked for.
    """
    now = timezone.now()
    payment = _open_attempt(buyer, order_id, now)
    return gateways.alipay().page_pay_url(
        out_trade_no=payment.out_trade_no,
        amount=payment.amount,
        subject=f"美多商城订单 {order_id}",
        expires_at=payment.expires_at,
        at=now,
    )


@retry_lost_transactions
@transaction.atomic(durable=True)
def _open_attempt(buyer: User, order_id: str, now: datetime) -> Payment:
    """The attempt that is open, or a new one. The order's row is locked, so requests at once get the same."""
    order = OrderInfo.objects.select_for_update().filter(pk=order_id, user=buyer).first()
    if order is None or not order.is_payable or order.pay_method != OrderInfo.PayMethod.ALIPAY:
        raise OrderNotPayable
    still_open = Payment.objects.open_for(order, Provider.ALIPAY, at=now + SHORTEST_OFFER)
    return still_open.first() or Payment.objects.create(
        order=order,
        provider=Provider.ALIPAY,
        out_trade_no=f"{order.pk}{order.payments.count() + 1:02d}",
        amount=order.total_amount,
        # Whole seconds: the provider is told no finer.
        expires_at=now.replace(microsecond=0) + timedelta(minutes=settings.PAYMENT_MINUTES),
        next_query_at=now + QUERY_AFTER[0],
    )


def receive_alipay_notice(form: Mapping[str, str]) -> None:
    """Take in an asynchronous notice; when this returns, it is dealt with and need not be sent again.

    Raises BadSignature, MalformedNotice, UnknownPayment, EventMismatch: then the provider sends it again, which is
    what we want while a setting of ours is wrong.
    """
    event = gateways.alipay().parse_notice(form)
    refuse_mismatch(apply_event(event))


def confirm_alipay_return(query: Mapping[str, str]) -> Payment:
    """Ask Alipay about the payment that a browser comes back from; the browser itself is not believed.

    Raises BadSignature, MalformedNotice, UnknownPayment, EventMismatch, NotPaidYet, GatewayError.
    """
    out_trade_no = gateways.alipay().parse_return(query)
    payment = Payment.objects.filter(out_trade_no=out_trade_no).first()
    if payment is None:
        raise UnknownPayment
    if payment.trade_no is None:
        ask_provider(payment)
        payment.refresh_from_db()
    if payment.trade_no is None:
        raise NotPaidYet
    return payment


def ask_provider(payment: Payment) -> bool:
    """Ask after one attempt and apply the answer; whether the buyer may still be at it, in the provider's eyes.

    Raises GatewayError, UnknownPayment, EventMismatch.
    """
    event = gateways.alipay().query(payment.out_trade_no, at=timezone.now())
    if event is None:
        return False
    refuse_mismatch(apply_event(event))
    return event.outcome == "other"


def poll_due_payments() -> int:
    """Ask after every unpaid attempt whose time has come; how many were asked after.

    Safe to run twice and at once: each attempt is claimed before it is asked after.
    """
    now = timezone.now()
    asked = 0
    for payment in Payment.objects.due(now)[:POLL_BATCH]:
        try:
            if not _claim(payment, now):
                continue
            asked += 1
            is_open = ask_provider(payment)
            if not is_open and now >= payment.expires_at + LAST_QUERY_AFTER_EXPIRY:
                Payment.objects.stop_asking(payment)
        except (GatewayError, DomainError, Unavailable):
            # Unknown is not failed: it is asked again at the next time. The others must not wait for this one.
            logger.exception("No clear answer on payment %s", payment.out_trade_no)
    return asked


@retry_lost_transactions
def _claim(payment: Payment, now: datetime) -> bool:
    return Payment.objects.claim(payment, next_query_at=_next_query_at(payment, now))


def _next_query_at(payment: Payment, now: datetime) -> datetime:
    """There is always a next time, until a clear answer after the expiry: a worker may die before it has asked."""
    last = payment.expires_at + LAST_QUERY_AFTER_EXPIRY
    planned = [payment.create_time + after for after in QUERY_AFTER]
    following = next((moment for moment in planned if moment > now), now + QUERY_AFTER[-1])
    return following if now >= last else min(following, last)
