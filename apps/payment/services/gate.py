"""The one gate for everything that claims money moved: notice, polled query, browser return."""

import logging
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.exceptions import LostRace
from apps.core.transactions import retry_lost_transactions
from apps.orders.models import OrderInfo
from apps.payment import gateways
from apps.payment.exceptions import EventMismatch, UnknownPayment
from apps.payment.gateways.events import ProviderEvent
from apps.payment.models import Payment, PaymentEvent
from apps.payment.tasks import alert_operators

Verdict = PaymentEvent.Verdict
MISMATCHES = {
    Verdict.UNKNOWN_PAYMENT,
    Verdict.WRONG_APP,
    Verdict.WRONG_SELLER,
    Verdict.WRONG_AMOUNT,
    Verdict.WRONG_CURRENCY,
    Verdict.WRONG_TRADE,
}

logger = logging.getLogger(__name__)


@retry_lost_transactions
def apply_event(event: ProviderEvent) -> PaymentEvent:
    """Record what a provider said and let it take effect, once however often it is said.

    The attempt's row is locked, so two tellings are judged one after the other. A mismatch is recorded, alerts, and
    changes nothing else; told again, it is judged again, for a wrong setting may have been mended meanwhile.
    """
    try:
        with transaction.atomic(durable=True):
            return _apply(event)
    except IntegrityError as exc:
        raise LostRace("The same event was recorded a moment ago.") from exc


def refuse_mismatch(record: PaymentEvent) -> None:
    """Raise UnknownPayment or EventMismatch if the gate did not let the event take effect."""
    if record.verdict == Verdict.UNKNOWN_PAYMENT:
        raise UnknownPayment
    if record.verdict in MISMATCHES:
        raise EventMismatch(reason=record.verdict)


def _apply(event: ProviderEvent) -> PaymentEvent:
    attempts = Payment.objects.select_for_update()
    payment = attempts.filter(provider=event.provider, out_trade_no=event.out_trade_no).first()
    told = PaymentEvent.objects.filter(provider=event.provider, event_id=event.event_id).first()
    if told and told.verdict not in MISMATCHES:
        return told
    verdict = _judge(payment, event)
    if payment is not None and verdict is None:
        verdict = _take_effect(payment, event)
    is_news = told is None or told.verdict != verdict
    record = told or PaymentEvent(provider=event.provider, event_id=event.event_id)
    record.payment = payment
    record.kind = event.kind
    record.status = event.status
    record.amount = event.amount
    record.payload = dict(event.payload)
    record.verdict = verdict or Verdict.NO_CHANGE
    record.save()
    if is_news and verdict in {*MISMATCHES, Verdict.SURPLUS}:
        _alert(record, event)
    return record


def _judge(payment: Payment | None, event: ProviderEvent) -> Verdict | None:
    """What is wrong with a statement whose signature is right; None if it may take effect."""
    us = gateways.alipay()
    if event.app_id != us.app_id:
        return Verdict.WRONG_APP
    if event.seller_id != us.seller_id:
        return Verdict.WRONG_SELLER
    if payment is None:
        return Verdict.UNKNOWN_PAYMENT
    if event.currency != "CNY":
        return Verdict.WRONG_CURRENCY
    if event.amount != payment.amount:
        return Verdict.WRONG_AMOUNT
    same_trade = Payment.objects.filter(provider=event.provider, trade_no=event.trade_no)
    is_another = payment.trade_no not in {None, event.trade_no}
    if is_another or same_trade.exclude(pk=payment.pk).exists():
        return Verdict.WRONG_TRADE
    return None


def _take_effect(payment: Payment, event: ProviderEvent) -> Verdict:
    has_money = payment.state in {Payment.State.SUCCEEDED, Payment.State.SURPLUS}
    if event.outcome == "paid" and not has_money:
        settles = OrderInfo.objects.mark_paid(payment.order_id)
        payment.state = Payment.State.SUCCEEDED if settles else Payment.State.SURPLUS
        payment.trade_no = event.trade_no
        payment.paid_at = event.paid_at or timezone.now()
        verdict = Verdict.SETTLED if settles else Verdict.SURPLUS
    elif event.outcome == "closed" and payment.state == Payment.State.PENDING:
        payment.state = Payment.State.CLOSED
        verdict = Verdict.CLOSED
    else:
        return Verdict.NO_CHANGE
    payment.next_query_at = None
    payment.save(
        update_fields=["state", "trade_no", "paid_at", "next_query_at", "update_time"],
    )
    return verdict


def _alert(record: PaymentEvent, event: ProviderEvent) -> None:
    subject = f"Payment {event.out_trade_no}: {record.verdict}"
    message = (
        f"{event.provider} says {event.status} of {event.amount} {event.currency} for "
        f"{event.out_trade_no} (trade {event.trade_no}, event {event.event_id})."
    )
    logger.error("%s. %s", subject, message)
    # Robust: a broker that is down must not turn a recorded event into an error for the provider.
    transaction.on_commit(partial(alert_operators.delay, subject, message), robust=True)
