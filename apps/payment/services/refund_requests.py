"""Refunds written down: the intent, before any provider is called."""

from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.core.transactions import retry_lost_transactions
from apps.orders.exceptions import KeyReused
from apps.payment.exceptions import (
    NothingToRefund,
    NotToBeHandedOver,
    RefundAmountInvalid,
    RefundsChanged,
)
from apps.payment.models import Payment, PaymentEvent, Refund
from apps.payment.models.payments import CASH
from apps.payment.services.telling import tell_refunded
from apps.users.models import User

FEN = Decimal("0.01")


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
    return _write_operators_refund(payment, amount, reason=reason, by=by, key=key)


def refund_order(
    order_id: str,
    *,
    amount: Decimal | None = None,
    reason: str,
    by: User,
    key: str = "",
    is_handed_over: bool = True,
) -> Refund | None:
    """Write down that ``amount`` (CNY yuan; None: all that is left) of what settled an order goes back, in the caller's
    transaction; the job sends it once that is committed. None if nothing is left, or nobody paid.

    Raises NothingToRefund if less than ``amount`` is left. What was taken in by hand counts as given back by hand,
    unless somebody else is to do that (``is_handed_over`` False): then it waits for ``confirm_handed_over``. The
    payment's row is locked: take the order's step before, so that everybody locks the order first.
    """
    payment = Payment.objects.select_for_update().filter(settles=order_id).first()
    if amount is None:
        left = payment.refundable_amount if payment else Decimal(0)
        if not left:
            return None
        amount = left
    if payment is None:
        raise NothingToRefund(refundable_amount="0.00")
    return _write_operators_refund(
        payment, amount, reason=reason, by=by, key=key, is_handed_over=is_handed_over
    )


@retry_lost_transactions
@transaction.atomic(durable=True)
def confirm_handed_over(refund_id: int, *, by: User) -> Refund:
    """Record that cash which was granted has been given to the buyer; of two who say so, one does.

    Raises NotToBeHandedOver.
    """
    payment_id = Refund.objects.values_list("payment", flat=True).get(pk=refund_id)
    Payment.objects.select_for_update().get(pk=payment_id)
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    if not refund.is_to_be_handed_over:
        raise NotToBeHandedOver
    hand_over(refund, by)
    return refund


def _write_operators_refund(
    payment: Payment,
    amount: Decimal,
    *,
    reason: str,
    by: User,
    key: str,
    is_handed_over: bool = True,
) -> Refund:
    is_cash = payment.provider == CASH
    refund = write_refund(
        payment,
        amount,
        cause=Refund.Cause.OPERATOR,
        reason=reason[: Refund._meta.get_field("reason").max_length],
        by=by,
        request_key=key or None,
        channel=Refund.Channel.CASH if is_cash else Refund.Channel.ORIGINAL,
    )
    if is_cash and is_handed_over:
        hand_over(refund, by)
    return refund


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
        out_request_no=Refund.number_of(payment, nth=payment.refunds.count() + 1),
        amount=amount,
        reason=reason,
        cause=cause,
        channel=channel,
        requested_by=by,
        request_key=request_key,
        # No provider is asked about cash.
        next_try_at=None if channel == Refund.Channel.CASH else timezone.now(),
    )


def hand_over(refund: Refund, by: User, **more: str) -> None:
    """Record that an operator has given back what a refund is about; no money moves here. Call it in a transaction."""
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
    tell_refunded(refund)
