"""What failed refunds were about, given back otherwise: by transfer, or by hand; once, however many see the failure."""

import logging
from collections.abc import Callable, Collection
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.exceptions import Conflict
from apps.core.transactions import retry_lost_transactions
from apps.payment.exceptions import (
    MadeGoodAlready,
    Misconfigured,
    NoteMissing,
    NotFailedThere,
    NotGivenBackByHand,
    NotPaidOut,
    RefundedSince,
    RefundsChanged,
    Rejected,
    UnknownProvider,
)
from apps.payment.gateways import gateway
from apps.payment.models import Payment, Refund
from apps.payment.models.refunds import BY_HAND, TRANSFER
from apps.payment.services.refund_requests import hand_over, write_refund
from apps.payment.services.refunding import ask_after
from apps.users.models import User

LONGEST_NOTE = 500

State = Refund.State

logger = logging.getLogger(__name__)


def is_payable_out(payment: Payment) -> bool:
    """Whether its provider transfers money with these settings, and we know to whom."""
    try:
        return bool(payment.payer) and gateway(payment.provider).pays_out
    except (Misconfigured, UnknownProvider):
        return False


def later_refunds(refund: Refund) -> list[Refund]:
    """Refunds of the same payment that were asked for afterwards and did not fail: perhaps in place of this one."""
    first = _tries(refund)[0]
    others = Refund.objects.filter(payment=refund.payment_id, pk__gt=first.pk)
    return list(others.exclude(state=State.FAILED).order_by("pk"))


def pay_out(
    refund: Refund, *, by: User, seen_refunded: Decimal, despite: Collection[str] = ()
) -> Refund:
    """Write down that a failed refund goes to the payer's account instead, as a transfer; the job sends it.

    Its provider is asked once more whether it did fail. ``seen_refunded`` is as in ``refund_payment``; ``despite`` are
    the numbers of later refunds that were for something else, as a person says who looked at them. Raises
    MadeGoodAlready if it was done before, NotPaidOut, NotFailedThere, RefundedSince, RefundsChanged, or NothingToRefund
    if that much is not left; GatewayError, UnknownProvider.
    """
    key = f"{TRANSFER}{refund.out_request_no}"
    _refuse_if_written(refund, key)
    if not is_payable_out(Payment.objects.get(pk=refund.payment_id)):
        raise NotPaidOut
    return _replace(
        refund,
        key=key,
        channel=Refund.Channel.PAYOUT,
        refusal=NotPaidOut,
        by=by,
        seen_refunded=seen_refunded,
        despite=despite,
    )


def give_back_by_hand(
    refund: Refund, *, by: User, note: str, seen_refunded: Decimal, despite: Collection[str] = ()
) -> Refund:
    """Record that an operator has given back what a failed refund was about; ``note`` says how. No money moves here.

    Otherwise as ``pay_out``; it is said once of the refund and of transfers in its place together. Raises NoteMissing,
    NotGivenBackByHand besides.
    """
    note = note.strip()
    if not note or len(note) > LONGEST_NOTE:
        raise NoteMissing
    first = _tries(refund)[0]
    key = f"{BY_HAND}{first.out_request_no}"
    _refuse_if_written(refund, key)
    return _replace(
        first,
        key=key,
        channel=Refund.Channel.CASH,
        refusal=NotGivenBackByHand,
        by=by,
        seen_refunded=seen_refunded,
        despite=despite,
        note=note,
    )


def _refuse_if_written(refund: Refund, key: str) -> None:
    """Not taken for a repetition: it may be another operator, who has given the money back as well."""
    if earlier := Refund.objects.filter(payment=refund.payment_id, request_key=key).first():
        number = earlier.out_request_no
        said = _("Refund %(number)s was written in place of this one already.")
        raise MadeGoodAlready(said % {"number": number}, out_request_no=number)


def _tries(refund: Refund) -> list[Refund]:
    """The refund that all began with, and whatever was written in its place, as they stand now; the oldest first."""
    refunds = Refund.objects.filter(payment=refund.payment_id).select_related("payment")
    by_number = {each.out_request_no: each for each in refunds.order_by("pk")}

    def first(each: Refund) -> Refund:
        while each.in_place_of:
            each = by_number[each.in_place_of]
        return each

    wanted = first(by_number[refund.out_request_no])
    return [each for each in by_number.values() if first(each) == wanted]


def _replace(
    refund: Refund,
    *,
    key: str,
    channel: Refund.Channel,
    refusal: type[Conflict],
    by: User,
    seen_refunded: Decimal,
    despite: Collection[str],
    note: str = "",
) -> Refund:
    guard = partial(_guard, refund, refusal, seen_refunded=seen_refunded, despite=despite)
    guard()  # so that nobody is asked about what is refused anyway
    _refuse_unless_failed_there(refund, channel)
    return _write(refund, guard, key=key, channel=channel, by=by, note=note)


@retry_lost_transactions
@transaction.atomic(durable=True)
def _write(
    refund: Refund,
    guard: Callable[[], None],
    *,
    key: str,
    channel: Refund.Channel,
    by: User,
    note: str,
) -> Refund:
    payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
    _refuse_if_written(refund, key)
    guard()
    written = write_refund(
        payment,
        refund.amount,
        cause=refund.cause,
        reason=refund.reason,
        by=by,
        request_key=key,
        channel=channel,
    )
    if channel == Refund.Channel.CASH:
        hand_over(written, by, note=note)
    return written


def _guard(
    refund: Refund,
    refusal: type[Conflict],
    *,
    seen_refunded: Decimal,
    despite: Collection[str],
) -> None:
    tries = _tries(refund)
    if any(each.state != State.FAILED for each in tries):
        raise refusal
    payment = tries[0].payment
    if payment.refunded_amount != seen_refunded:
        raise RefundsChanged(refundable_amount=str(payment.refundable_amount))
    since = [each.out_request_no for each in later_refunds(refund)]
    if not set(since) <= set(despite):
        raise RefundedSince(out_request_nos=since)


def _refuse_unless_failed_there(refund: Refund, channel: Refund.Channel) -> None:
    """We may have taken for failed what was not: its provider is asked after each try, and the answers take effect.

    Money that a person has handed over is recorded even if there is nobody to ask any more.
    """
    for each in _tries(refund):
        try:
            told = ask_after(each)
        except (Misconfigured, Rejected, UnknownProvider):
            if channel != Refund.Channel.CASH:
                raise
            logger.warning("Given back by hand without asking after refund %s", each, exc_info=True)
            continue
        if told is not None and told.outcome != "failed":
            raise NotFailedThere(status=told.status)
