"""Transfers that may yet come back: a bank returns what it cannot book, days later, and nobody tells us."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core.transactions import retry_lost_transactions
from apps.payment.gateways import name_of
from apps.payment.gateways.interface import RefundTold
from apps.payment.models import Payment, PaymentEvent, Refund
from apps.payment.services.accounts import gateway_of
from apps.payment.services.alerts import alert
from apps.payment.services.evidence import storable
from apps.payment.services.refund_effects import fail
from apps.payment.services.refunding import refund_order
from apps.payment.services.rounds import go_round

# No provider names a limit. Banks take some working days, and there are holidays of a week.
WATCHED = timedelta(days=15)
# Once a day, whatever the hour of the job that is late.
PAUSE = timedelta(hours=20)

Verdict = PaymentEvent.Verdict


def ask_after_transfers() -> int:
    """Ask daily after every transfer that arrived lately; how many were asked after.

    One that has come back is a failed refund: its amount may be given back anew, and the operators are told. An answer
    that cannot be believed changes nothing, and they are told once. Safe to run twice and at once.
    """
    return go_round(_due(timezone.now()), _ask, provider="payment__provider")


def _due(now: datetime) -> QuerySet[Refund]:
    arrived = Refund.objects.filter(
        channel=Refund.Channel.PAYOUT,
        state=Refund.State.SUCCEEDED,
        succeeded_at__gte=now - WATCHED,
        tried_at__lte=now - PAUSE,
    )
    return arrived.select_related("payment").order_by("tried_at")


def _ask(transfer: Refund) -> bool:
    seen = Refund.objects.filter(pk=transfer.pk, tried_at=transfer.tried_at)
    if not seen.update(tried_at=timezone.now()):
        return False  # another worker asks
    told = gateway_of(transfer.payment).payout_query(refund_order(transfer))
    if told is None or told.outcome == "failed":
        _judge(transfer, told and storable(told))
    return True


@retry_lost_transactions
@transaction.atomic(durable=True)
def _judge(transfer: Refund, told: RefundTold | None) -> None:
    """The payment's row is locked, as by everything that changes its refunds."""
    payment = Payment.objects.select_for_update().get(pk=transfer.payment_id)
    refund = payment.refunds.get(pk=transfer.pk)
    if refund.state != Refund.State.SUCCEEDED:
        return
    if told is None:
        _doubt_knowledge(refund)
    elif told.amount not in {None, refund.amount}:
        _doubt_amount(refund, told)
    else:
        _take_back(refund, told)


def _doubt_knowledge(refund: Refund) -> None:
    said = {"kind": PaymentEvent.Kind.QUERY, "status": "NOT_KNOWN", "payload": {}}
    if _is_news(refund, Verdict.UNKNOWN_REFUND, **said):
        alert(
            _("Transfer %(number)s is not known any more"),
            _(
                "%(provider)s had said that %(amount)s CNY arrived, and now does not know the transfer. Nothing was "
                "changed: look there whether the money went."
            ),
            number=refund.out_request_no,
            provider=name_of(refund.payment.provider),
            amount=refund.amount,
        )


def _doubt_amount(refund: Refund, told: RefundTold) -> None:
    said = {"kind": told.kind, "status": told.status, "payload": dict(told.payload)}
    if _is_news(refund, Verdict.WRONG_AMOUNT, amount=told.amount, **said):
        alert(
            _("Transfer %(number)s came back with another amount"),
            _(
                "%(provider)s says %(status)s of %(told)s CNY; %(amount)s CNY were sent. Nothing was changed: look "
                "there how much came back."
            ),
            number=refund.out_request_no,
            provider=name_of(told.provider),
            status=told.status,
            told=told.amount,
            amount=refund.amount,
        )


def _is_news(refund: Refund, verdict: Verdict, **said: Any) -> bool:
    """Record an answer that is not believed; whether it is the first such about this transfer."""
    _record, is_new = PaymentEvent.objects.get_or_create(
        provider=refund.payment.provider,
        event_id=f"returned:{refund.out_request_no}",
        digest="",
        verdict=verdict,
        defaults={"payment": refund.payment, "refund": refund, **said},
    )
    return is_new


def _take_back(refund: Refund, told: RefundTold) -> None:
    PaymentEvent.objects.create(
        payment=refund.payment,
        refund=refund,
        provider=told.provider,
        event_id=f"returned:{refund.out_request_no}",
        kind=told.kind,
        status=told.status,
        amount=refund.amount,
        payload=dict(told.payload),
        verdict=Verdict.REFUND_FAILED,
    )
    refund.succeeded_at = None
    refund.save(update_fields=["succeeded_at"])
    refund.answer = told.status
    fail(refund)
    _alert(refund, told)


def _alert(refund: Refund, told: RefundTold) -> None:
    alert(
        _("Refund %(number)s came back"),
        _(
            "%(provider)s says %(status)s of %(amount)s CNY that had arrived at the payer's account. The payer is to "
            "be given it another way."
        ),
        number=refund.out_request_no,
        provider=name_of(told.provider),
        status=told.status,
        amount=refund.amount,
    )
