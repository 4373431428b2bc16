"""The one gate for everything that claims money moved: notice, polled query, browser return, refund answer, bill."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from apps.core.exceptions import LostRace
from apps.core.transactions import retry_lost_transactions
from apps.payment.exceptions import EventMismatch, UnknownPayment, UnknownRefund
from apps.payment.gateways import name_of
from apps.payment.gateways.interface import PaymentTold, Told
from apps.payment.models import Payment, PaymentEvent, Refund
from apps.payment.services import evidence, payment_effects, refund_effects
from apps.payment.services.alerts import alert

Verdict = PaymentEvent.Verdict
MISMATCHES = {
    Verdict.UNKNOWN_PAYMENT,
    Verdict.UNKNOWN_REFUND,
    Verdict.WRONG_APP,
    Verdict.WRONG_SELLER,
    Verdict.WRONG_AMOUNT,
    Verdict.WRONG_CURRENCY,
    Verdict.WRONG_TRADE,
    Verdict.MALFORMED,
}
ALARMING = {*MISMATCHES, Verdict.SURPLUS, Verdict.REFUND_FAILED, Verdict.REFUND_STUCK}


@retry_lost_transactions
def apply_event(told: Told) -> PaymentEvent:
    """Record what a provider said and let it take effect, once however often it is said.

    The attempt's row is locked, so two tellings are judged one after the other. A mismatch is recorded, alerts, and
    changes nothing else; told again, it is judged again, for a wrong setting may have been mended meanwhile. What a
    notice says under the number of another statement is judged by itself, and alerts in any case.
    """
    try:
        with transaction.atomic(durable=True):
            return _apply(told)
    except IntegrityError as exc:
        raise LostRace("The same event was recorded a moment ago.") from exc


def refuse_mismatch(record: PaymentEvent) -> None:
    """Raise UnknownPayment, UnknownRefund or EventMismatch if the gate did not let the event take effect."""
    if record.verdict == Verdict.UNKNOWN_PAYMENT:
        raise UnknownPayment
    if record.verdict == Verdict.UNKNOWN_REFUND:
        raise UnknownRefund
    if record.verdict in MISMATCHES:
        raise EventMismatch(reason=record.verdict)


def _apply(received: Told) -> PaymentEvent:
    told = evidence.storable(received)
    attempts = Payment.objects.select_for_update()
    if isinstance(told, PaymentTold):
        # Here, and not where it is judged: a notice costs one statement less.
        attempts = attempts.knowing_other_trades(told.trade_no)
    payment = attempts.filter(provider=told.provider, out_trade_no=told.out_trade_no).first()
    digest = evidence.digest(received)
    earlier = list(PaymentEvent.objects.filter(provider=told.provider, event_id=told.event_id))
    # Blank in what was recorded before there were digests.
    same = {each.verdict: each for each in earlier if each.digest in {digest, ""}}
    if believed := same.keys() - MISMATCHES:
        return same[believed.pop()]
    is_readable = evidence.claim(told) == evidence.claim(received)
    refund, verdict = _take(payment, told) if is_readable else (None, Verdict.MALFORMED)
    if verdict in same:
        return same[verdict]
    amount = refund.amount if told.amount is None and refund else told.amount
    record = PaymentEvent.objects.create(
        payment=payment,
        refund=refund,
        provider=told.provider,
        event_id=told.event_id,
        digest=digest,
        kind=told.kind,
        status=told.status,
        amount=amount,
        payload=dict(told.payload),
        verdict=verdict,
    )
    is_changed = told.kind == "notice" and earlier and not same
    if verdict in ALARMING or is_changed:
        _alert(record, told)
    return record


def _take(payment: Payment | None, told: Told) -> tuple[Refund | None, Verdict]:
    if isinstance(told, PaymentTold):
        return None, payment_effects.take(payment, told)
    return refund_effects.take(payment, told)


def _alert(record: PaymentEvent, told: Told) -> None:
    alert(
        _("Payment %(number)s: %(meaning)s, %(verdict)s"),
        _(
            "%(provider)s says %(status)s of %(amount)s for %(number)s (%(about)s, event %(event)s)."
        ),
        number=told.out_trade_no,
        meaning=Verdict(record.verdict).label,
        verdict=record.verdict,
        provider=name_of(told.provider),
        status=told.status,
        amount=record.amount,
        about=record.refund or PaymentEvent._meta.get_field("payment").verbose_name,
        event=told.event_id,
    )
