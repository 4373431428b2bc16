"""Refunds sent, asked after and sent again, always with the same number. No provider is called inside a transaction."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core.exceptions import DomainError, GatewayError, Unavailable
from apps.core.transactions import retry_lost_transactions
from apps.payment.exceptions import (
    EventMismatch,
    Misconfigured,
    Rejected,
    Unknown,
    UnknownProvider,
)
from apps.payment.gateways import gateway
from apps.payment.gateways.interface import RefundOrder, RefundTold
from apps.payment.models import Payment, Refund
from apps.payment.services.accounts import gateway_of
from apps.payment.services.alerts import alert
from apps.payment.services.gate import apply_event, refuse_mismatch
from apps.payment.services.rounds import go_round

# Between the tries; the last one goes on for ever. Alipay's rule: no question within 10 s of the refund.
PAUSES = [timedelta(seconds=s) for s in (10, 60, 300, 1800, 2 * 3600, 6 * 3600)]
# Nobody else tries meanwhile: longer than a question and an order may take, time-outs included. Should answers come in
# drops, longer than that, no money moves twice: whoever tries then asks first, and sends the same number.
LEASE = timedelta(minutes=1)
# An answer may lag behind what was sent: only after so long does a provider that knows no refund prove there is none.
SETTLED_AFTER = timedelta(hours=1)
ALERT_AFTER = timedelta(days=3)
ALERT_EVERY = timedelta(days=1)

State = Refund.State


def send_due_refunds() -> int:
    """Send every refund whose time has come, or ask how it stands; how many were tried.

    Safe to run twice and at once: each refund is claimed before its provider is called. None is ever given up
    silently: what is not finished after ``ALERT_AFTER`` alerts the operators every day.
    """
    return go_round(Refund.objects.due(timezone.now()), _try, provider="payment__provider")


def try_refund(refund: Refund) -> Refund:
    """Send a refund now, if it is due and nobody else does; the refund as it stands then.

    What keeps it from succeeding is written down in it, not raised.
    """
    with suppress(GatewayError, DomainError, Unavailable):
        _try(refund)
    refund.refresh_from_db()
    return refund


def retry_refund(refund: Refund) -> Refund:
    """Try an unfinished refund now, whatever pause it is in; likewise."""
    refund.refresh_from_db()
    if refund.is_to_be_handed_over:
        return refund  # by a person: there is nobody to ask
    now = timezone.now()
    is_leased = refund.tried_at is not None and refund.next_try_at == refund.tried_at + LEASE
    if not is_leased and Refund.objects.reschedule(refund, next_try_at=now):
        refund.next_try_at = now
    return try_refund(refund)


def ask_after(refund: Refund) -> RefundTold | None:
    """Ask how a refund stands, even if we think that it has ended, and apply the answer; None if it is not known there.

    Raises GatewayError, EventMismatch, UnknownProvider.
    """
    _, ask = _calls(refund)
    told = ask(refund_order(refund))
    if told is not None:
        refuse_mismatch(apply_event(told))
    return told


def refund_order(refund: Refund) -> RefundOrder:
    """A refund as its provider is told of it, now; every time the same but for the moment."""
    payment = refund.payment
    return RefundOrder(
        out_trade_no=payment.out_trade_no,
        out_request_no=refund.out_request_no,
        amount=refund.amount,
        total_amount=payment.amount,
        reason=refund.reason,
        at=timezone.now(),
        payer=payment.payer,
    )


def _try(refund: Refund) -> bool:
    """Whatever it raises, it has written down before when to try again."""
    if not _claim(refund):
        return False
    try:
        told = _call(refund)
        refuse_mismatch(apply_event(told))
    except Rejected as refusal:
        _put_off(refund, State.REQUESTED, str(refusal))
        raise
    except (Misconfigured, EventMismatch, UnknownProvider) as exc:
        _put_off(refund, refund.state, str(exc))
        raise
    except (GatewayError, DomainError, Unavailable) as exc:
        _put_off(refund, State.UNKNOWN, str(exc))
        raise
    except Exception as exc:
        # A bug, of which the operators must hear as of any other refund that does not end.
        _put_off(refund, State.UNKNOWN, f"{type(exc).__name__}: {exc}")
        raise
    if told.outcome in {"processing", "stuck"}:
        _put_off(refund, State.PROCESSING, told.status)
    return True


@retry_lost_transactions
@transaction.atomic(durable=True)
def _claim(refund: Refund) -> bool:
    """The payment's row is locked, so that the provider's pause between two refunds of one payment is kept."""
    now = timezone.now()
    payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
    others = payment.refunds.exclude(pk=refund.pk)
    latest: datetime | None = others.aggregate(latest=Max("tried_at"))["latest"]
    pause = timedelta(seconds=_refund_pause(payment.provider))
    if latest is not None and now < latest + pause:
        if refund.next_try_at is not None and refund.next_try_at <= now:
            Refund.objects.reschedule(refund, next_try_at=latest + pause)
        return False
    return Refund.objects.claim(refund, at=now, next_try_at=now + LEASE)


def _refund_pause(provider: str) -> int:
    try:
        return gateway(provider).refund_pause
    except (UnknownProvider, Misconfigured):
        # The call itself will fail, and that is written down; here it would go unheard.
        return 0


def _call(refund: Refund) -> RefundTold:
    """The first time send it; afterwards ask first, and send it again if the provider does not know it.

    A final refusal is a statement as well: the refund has failed. Raises GatewayError; Rejected only if temporary,
    Unknown if an earlier try may yet turn out to have moved the money that is refused now.
    """
    send, ask = _calls(refund)
    order = refund_order(refund)
    # A worker that died may have sent it, and written nothing.
    if refund.tries:
        try:
            told = ask(order)
        except Rejected as refusal:
            raise Unknown(f"The question after {refund} was refused: {refusal}") from refusal
        if told is not None:
            return told
    try:
        return send(order)
    except Rejected as refusal:
        if refusal.is_temporary:
            raise
        if refund.tried_at and order.at < refund.tried_at + SETTLED_AFTER:
            raise Unknown(f"Refused, but an earlier try may have counted: {refusal}") from refusal
        return _failed(refund, refusal)


def _calls(
    refund: Refund,
) -> tuple[Callable[[RefundOrder], RefundTold], Callable[[RefundOrder], RefundTold | None]]:
    """What sends it, and what asks after it."""
    us = gateway_of(refund.payment)
    is_payout = refund.channel == Refund.Channel.PAYOUT
    return (us.pay_out, us.payout_query) if is_payout else (us.refund, us.refund_query)


def _failed(refund: Refund, refusal: Rejected) -> RefundTold:
    code = refusal.sub_code or refusal.provider_code
    return RefundTold(
        provider=refund.payment.provider,
        kind="answer",
        event_id=f"refused:{refund.out_request_no}",
        out_trade_no=refund.payment.out_trade_no,
        out_request_no=refund.out_request_no,
        refund_no="",
        amount=refund.amount,
        status=code[:32],
        outcome="failed",
        succeeded_at=None,
        payload={"refusal": str(refusal)},
    )


@retry_lost_transactions
def _put_off(refund: Refund, state: str, answer: str) -> None:
    now = timezone.now()
    following = now + PAUSES[min(refund.tries, len(PAUSES) - 1)]
    width = Refund._meta.get_field("answer").max_length
    written = {"state": state, "answer": answer[:width]}
    is_open = Refund.objects.put_off(refund, next_try_at=following, **written)
    if is_open and now >= refund.create_time + ALERT_AFTER:
        _alert_daily(refund, now, answer)


def _alert_daily(refund: Refund, now: datetime, answer: str) -> None:
    if not Refund.objects.alert_again(refund, at=now, unless_since=now - ALERT_EVERY):
        return
    alert(
        _("Refund %(number)s is not finished"),
        _("%(amount)s CNY since %(since)s: %(answer)s"),
        number=refund.out_request_no,
        amount=refund.amount,
        since=f"{refund.create_time:%Y-%m-%d}",
        answer=answer,
    )
