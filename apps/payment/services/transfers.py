"""Transfers that may yet come back: a bank returns what it cannot book, days later, and nobody tells us."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core.transactions import retry_lost_transactions
from apps.payment.exceptions import EventMismatch
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

logger = logging.getLogger(__name__)


def ask_after_transfers() -> int:
    """Ask daily after every transfer that arrived lately; how many were asked after.

    One that has come back is a failed refund: its amount may be given back anew, and the operators are told. Safe to
    run twice and at once.
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
    if told is None:
        logger.error("%s does not know transfer %s any more", transfer.payment.provider, transfer)
    elif told.outcome == "failed":
        _take_back(transfer, storable(told))
    return True


@retry_lost_transactions
@transaction.atomic(durable=True)
def _take_back(transfer: Refund, told: RefundTold) -> None:
    """The payment's row is locked, as by everything that changes its refunds. Raises EventMismatch."""
    payment = Payment.objects.select_for_update().get(pk=transfer.payment_id)
    refund = payment.refunds.get(pk=transfer.pk)
    if refund.state != Refund.State.SUCCEEDED:
        return
    if told.amount not in {None, refund.amount}:
        raise EventMismatch(reason=Verdict.WRONG_AMOUNT)
    PaymentEvent.objects.create(
        payment=payment,
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
