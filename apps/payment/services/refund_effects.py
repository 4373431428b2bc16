"""What a provider's word about a refund does to it and to its payment; orders and stock are the caller's business."""

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.payment.gateways import gateway
from apps.payment.gateways.interface import RefundTold
from apps.payment.models import Payment, PaymentEvent, Refund
from apps.payment.services.alerts import alert
from apps.payment.services.telling import tell_refunded

Verdict = PaymentEvent.Verdict
State = Refund.State


def take(payment: Payment | None, told: RefundTold) -> tuple[Refund | None, Verdict]:
    """Judge a true statement and let it take effect. The payment's row is locked by the caller, and so its refunds."""
    us = gateway(told.provider)
    if told.app_id not in {"", us.app_id}:
        return None, Verdict.WRONG_APP
    if told.account not in {"", us.account}:
        return None, Verdict.WRONG_SELLER
    if payment is None:
        return None, Verdict.UNKNOWN_PAYMENT
    refund = payment.refunds.filter(out_request_no=told.out_request_no).first()
    if refund is None:
        return None, Verdict.UNKNOWN_REFUND
    if told.amount not in {None, refund.amount}:
        return refund, Verdict.WRONG_AMOUNT
    return refund, _take_effect(refund, told)


def _take_effect(refund: Refund, told: RefundTold) -> Verdict:
    if told.outcome == "succeeded" and refund.state != State.SUCCEEDED:
        return _succeed(refund, told)
    if refund.is_finished:
        return Verdict.NO_CHANGE
    refund.answer = told.status
    refund.refund_no = told.refund_no or refund.refund_no
    if told.outcome == "failed":
        fail(refund)
        return Verdict.REFUND_FAILED
    refund.state = State.PROCESSING
    refund.save(update_fields=["state", "answer", "refund_no", "update_time"])
    return Verdict.REFUND_STUCK if told.outcome == "stuck" else Verdict.NO_CHANGE


def _succeed(refund: Refund, told: RefundTold) -> Verdict:
    """Money that moved is booked, even if we had given it up: then what was released is taken back, and alerts."""
    was_given_up = refund.state == State.FAILED
    if was_given_up and not Payment.objects.reserve_refund(refund.payment_id, refund.amount):
        return Verdict.WRONG_AMOUNT
    refund.state = State.SUCCEEDED
    refund.refund_no = told.refund_no or refund.refund_no
    refund.succeeded_at = told.succeeded_at or timezone.now()
    refund.next_try_at = None
    refund.answer = told.status
    refund.save()
    tell_refunded(refund)
    if was_given_up:
        _alert_of_late(refund)
    return Verdict.REFUNDED


def fail(refund: Refund) -> None:
    """Give a refund up for good, and let its amount be asked back again. ``refund.answer`` says why."""
    refund.state = State.FAILED
    refund.next_try_at = None
    refund.save(update_fields=["state", "next_try_at", "answer", "refund_no", "update_time"])
    Payment.objects.release_refund(refund.payment_id, refund.amount)


def _alert_of_late(refund: Refund) -> None:
    alert(
        _("Refund %(number)s arrived after it was given up"),
        _(
            "%(amount)s CNY of payment %(payment)s went back after all. If it was refunded anew meanwhile, it went "
            "back twice."
        ),
        number=refund.out_request_no,
        amount=refund.amount,
        payment=refund.payment,
    )
