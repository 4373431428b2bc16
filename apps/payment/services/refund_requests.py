"""Refunds written down: the intent, before any provider is called."""

from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.core.transactions import retry_lost_transactions
from apps.orders.exceptions import KeyReused
from apps.payment.exceptions import (
    NoteMissing,
    NotGivenBackByHand,
    NothingToRefund,
    NotPaidOut,
    RefundAmountInvalid,
    RefundsChanged,
)
from apps.payment.gateways import gateway
from apps.payment.models import Payment, PaymentEvent, Refund
from apps.payment.models.payments import CASH
from apps.users.models import User

FEN = Decimal("0.01")
# What a refund that was written in place of a failed one has for its request_key: this, and the failed one's number.
TRANSFER = "payout:"
BY_HAND = "by-hand:"
LONGEST_NOTE = 500


def request_refund(
    order_id: str, *, amount: Decimal, reason: str, by: User, key: str = ""
) -> Refund:
    """Write down that ``amount`` (CNY yuan) of what settled an order is to go back; the job sends it.

    ``key`` is a digest of the Idempotency-Key: the same gives the same refund again. What was taken in by hand is
    given back by hand, so that refund has succeeded at once. Raises NothingToRefund, RefundAmountInvalid, KeyReused.
    The payment's row is locked: of two who ask for all of it at once, one is refused.
    """
    settling = Payment.objects.filter(settles=order_id)
    return _request(settling, amount=amount, reason=reason, by=by, key=key)


def refund_payment(
    payment: Payment, *, amount: Decimal, reason: str, by: User, key: str, seen_refunded: Decimal
) -> Refund:
    """Likewise of one payment, surplus or not, if still ``seen_refunded`` of it (CNY yuan) was asked back before.

    Raises RefundsChanged besides: who asks has looked at figures that are no longer right.
    """
    this = Payment.objects.filter(pk=payment.pk)
    return _request(this, amount=amount, reason=reason, by=by, key=key, seen=seen_refunded)


@retry_lost_transactions
@transaction.atomic(durable=True)
def _request(
    wanted: QuerySet[Payment],
    *,
    amount: Decimal,
    reason: str,
    by: User,
    key: str,
    seen: Decimal | None = None,
) -> Refund:
    if amount <= 0 or amount != amount.quantize(FEN):
        raise RefundAmountInvalid
    payment = wanted.select_for_update().first()
    if payment is None:
        raise NothingToRefund(refundable_amount="0.00")
    if key and (earlier := payment.refunds.filter(request_key=key).first()):
        if (earlier.amount, earlier.reason) != (amount, reason):
            raise KeyReused
        return earlier
    if seen is not None and payment.refunded_amount != seen:
        raise RefundsChanged(refundable_amount=str(payment.refundable_amount))
    is_cash = payment.provider == CASH
    refund = write_refund(
        payment,
        amount,
        cause=Refund.Cause.OPERATOR,
        reason=reason,
        by=by,
        request_key=key or None,
        channel=Refund.Channel.CASH if is_cash else Refund.Channel.ORIGINAL,
    )
    if is_cash:
        _hand_over(refund, by)
    return refund


@retry_lost_transactions
@transaction.atomic(durable=True)
def pay_out(refund: Refund, *, by: User) -> Refund:
    """Write down that a failed refund goes to the payer's account instead, as a transfer; the job sends it.

    Asked twice, it is the same transfer. Raises NotPaidOut, or NothingToRefund if it was refunded otherwise since;
    UnknownProvider, Misconfigured.
    """
    payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
    key = f"{TRANSFER}{refund.out_request_no}"
    if earlier := payment.refunds.filter(request_key=key).first():
        return earlier
    refund.refresh_from_db()
    has_failed = refund.state == Refund.State.FAILED
    if payment.refunds.filter(request_key=_by_hand(_first_of(refund))).exists():
        raise NotPaidOut
    if not (has_failed and payment.payer and gateway(payment.provider).pays_out):
        raise NotPaidOut
    return write_refund(
        payment,
        refund.amount,
        cause=refund.cause,
        reason=refund.reason,
        by=by,
        request_key=key,
        channel=Refund.Channel.PAYOUT,
    )


@retry_lost_transactions
@transaction.atomic(durable=True)
def give_back_by_hand(refund: Refund, *, by: User, note: str) -> Refund:
    """Record that an operator has given back what a failed refund was about; ``note`` says how. No money moves here.

    Said twice, of the refund or of a transfer in its place, it is the same record. Raises NoteMissing,
    NotGivenBackByHand, or NothingToRefund if it was refunded otherwise since.
    """
    note = note.strip()
    if not note or len(note) > LONGEST_NOTE:
        raise NoteMissing
    payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
    first = _first_of(refund)
    key = _by_hand(first)
    if earlier := payment.refunds.filter(request_key=key).first():
        return earlier
    transfers = payment.refunds.filter(request_key__startswith=TRANSFER)
    tries = [first, *(transfer for transfer in transfers if _first_of(transfer) == first)]
    if any(each.state != Refund.State.FAILED for each in tries):
        raise NotGivenBackByHand
    by_hand = write_refund(
        payment,
        first.amount,
        cause=first.cause,
        reason=first.reason,
        by=by,
        request_key=key,
        channel=Refund.Channel.CASH,
    )
    _hand_over(by_hand, by, note=note)
    return by_hand


def write_refund(
    payment: Payment,
    amount: Decimal,
    *,
    cause: str,
    reason: str,
    by: User | None = None,
    request_key: str | None = None,
    channel: str = Refund.Channel.ORIGINAL,
) -> Refund:
    """Set ``amount`` (CNY yuan) of a payment aside and write down that it is to go back. Raises NothingToRefund.

    Call it in a transaction with the payment's row locked; ``amount`` has two places and is more than nothing.
    """
    if not Payment.objects.reserve_refund(payment.pk, amount):
        raise NothingToRefund(refundable_amount=str(payment.refundable_amount))
    return Refund.objects.create(
        payment=payment,
        out_request_no=f"{payment.out_trade_no}R{payment.refunds.count() + 1:02d}",
        amount=amount,
        reason=reason,
        cause=cause,
        channel=channel,
        requested_by=by,
        request_key=request_key,
        next_try_at=timezone.now(),
    )


def _first_of(refund: Refund) -> Refund:
    """The refund itself, as it stands now; of a transfer in place of another, the one that all began with."""
    first = Refund.objects.get(pk=refund.pk)
    while (first.request_key or "").startswith(TRANSFER):
        number = (first.request_key or "").removeprefix(TRANSFER)
        first = Refund.objects.get(out_request_no=number)
    return first


def _by_hand(refund: Refund) -> str:
    return f"{BY_HAND}{refund.out_request_no}"


def _hand_over(refund: Refund, by: User, **more: str) -> None:
    refund.state = Refund.State.SUCCEEDED
    refund.succeeded_at = timezone.now()
    refund.next_try_at = None
    refund.save()
    PaymentEvent.objects.create(
        payment=refund.payment,
        refund=refund,
        provider=CASH,
        event_id=f"refunded:{refund.out_request_no}",
        kind=PaymentEvent.Kind.OPERATOR,
        status="HANDED_OVER",
        amount=refund.amount,
        payload={"by": by.pk, "username": by.username, **more},
        verdict=PaymentEvent.Verdict.REFUNDED,
    )
