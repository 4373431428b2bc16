"""What a provider's word about a payment does to it, to its order, and to the order's other attempts."""

from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.orders.models import Step
from apps.orders.services import take_step
from apps.payment.gateways import gateway
from apps.payment.gateways.interface import PaymentTold
from apps.payment.models import Payment, PaymentEvent, Refund
from apps.payment.services.telling import tell_paid

Verdict = PaymentEvent.Verdict
State = Payment.State


def take(payment: Payment | None, told: PaymentTold) -> Verdict:
    """Judge a true statement and let it take effect. The payment's row is locked by the caller."""
    wrong = _judge(payment, told)
    if wrong or payment is None:
        return wrong or Verdict.UNKNOWN_PAYMENT
    if told.outcome == "paid" and not payment.is_paid:
        return _take_in(payment, told)
    if told.outcome == "closed" and payment.state == State.PENDING:
        payment.state = State.CLOSED
        payment.next_query_at = None
        payment.save(update_fields=["state", "next_query_at", "update_time"])
        return Verdict.CLOSED
    return Verdict.NO_CHANGE


def _judge(payment: Payment | None, told: PaymentTold) -> Verdict | None:
    """What is wrong with a statement whose signature is right; None if it may take effect."""
    us = gateway(told.provider)
    if told.app_id != us.app_id:
        return Verdict.WRONG_APP
    if told.account != us.account:
        return Verdict.WRONG_SELLER
    if payment is None:
        return Verdict.UNKNOWN_PAYMENT
    if told.currency != "CNY":
        return Verdict.WRONG_CURRENCY
    is_unpriced = told.amount is None and told.outcome != "paid"
    if told.amount != payment.amount and not is_unpriced:
        return Verdict.WRONG_AMOUNT
    # What was not paid when it was said may have no number yet; since then a notice may have brought one.
    is_changed = bool(told.trade_no) and payment.trade_no not in {None, told.trade_no}
    return Verdict.WRONG_TRADE if is_changed or payment.is_others_trade else None


def _take_in(payment: Payment, told: PaymentTold) -> Verdict:
    settles = take_step(payment.order_id, Step.PAY, by_id=None, reason=payment.out_trade_no)
    payment.state = State.SUCCEEDED if settles else State.SURPLUS
    payment.settles_id = payment.order_id if settles else None
    payment.trade_no = told.trade_no
    payment.payer = told.payer
    payment.paid_at = told.paid_at or timezone.now()
    payment.next_query_at = None
    payment.is_closing = False
    goes_back = not settles and settings.REFUND_SURPLUS
    if goes_back:
        payment.refunded_amount = payment.amount
    payment.save()
    if settles:
        tell_paid(payment)
        # After the commit: whoever locks one attempt must not wait for another one's row. Lost in a crash, it costs
        # nothing: the other attempts end with the order's time.
        close_others = partial(Payment.objects.close_others, payment, at=timezone.now())
        transaction.on_commit(close_others, robust=True)
        return Verdict.SETTLED
    if goes_back:
        _write_refund_of_all(payment)
    return Verdict.SURPLUS


def _write_refund_of_all(payment: Payment) -> None:
    """Of what arrived just now and is set aside already: nobody need ask which refund it is, and what is left."""
    Refund.objects.create(
        payment=payment,
        out_request_no=Refund.number_of(payment, nth=1),
        amount=payment.amount,
        reason=f"订单 {payment.order_id} 重复付款或已取消",
        cause=Refund.Cause.SURPLUS,
        next_try_at=timezone.now(),
    )
