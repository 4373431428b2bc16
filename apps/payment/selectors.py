"""What the audit adds up: payments against what the providers' events say, and orders against payments."""

from collections.abc import Iterator
from decimal import Decimal

from django.db import models
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Round

from apps.orders.models import OrderInfo
from apps.payment.models import AuditRun, Payment, PaymentEvent, Refund

Verdict = PaymentEvent.Verdict
State = Payment.State
MONEY = models.DecimalField(max_digits=12, decimal_places=2)


def last_audit() -> AuditRun | None:
    """The last one that came to its end."""
    return AuditRun.objects.filter(finished_at__isnull=False).first()


def payment_differences() -> Iterator[str]:
    """Where paid − refunded is not what events say, and every order that is not settled by exactly one payment."""
    yield from _payments_without_their_event()
    yield from _amounts_set_aside_for_nothing()
    yield from _refunds_without_their_event()
    yield from _orders_not_settled_once()


def _payments_without_their_event() -> Iterator[str]:
    """A payment with money has one event that brought it, of its amount and its kind; any other payment has none."""
    brought = PaymentEvent.objects.filter(verdict__in=[Verdict.SETTLED, Verdict.SURPLUS])
    own = brought.filter(payment=OuterRef("pk"))
    fitting = own.filter(amount=OuterRef("amount")).filter(
        Q(verdict=Verdict.SETTLED) & Q(payment__state=State.SUCCEEDED)
        | Q(verdict=Verdict.SURPLUS) & Q(payment__state=State.SURPLUS)
    )
    payments = Payment.objects.annotate(
        told=_count(own, "payment"), right=_count(fitting, "payment")
    )
    has_money = Q(state__in=Payment.PAID)
    wrong = payments.filter(has_money & ~Q(told=1, right=1) | ~has_money & Q(told__gt=0))
    for payment in wrong.order_by("pk").iterator():
        yield (
            f"payment {payment.out_trade_no}: state {payment.state} says {payment.paid_amount}, "
            f"{payment.told} events brought money, {payment.right} of them this"
        )
    for event in brought.filter(payment=None).iterator():
        yield f"event {event}: {event.verdict} {event.amount} for no payment"


def _amounts_set_aside_for_nothing() -> Iterator[str]:
    live = Refund.objects.exclude(state=Refund.State.FAILED).filter(payment=OuterRef("pk"))
    total = live.order_by().values("payment").annotate(total=Sum("amount")).values("total")
    # SQLite adds up in binary fractions; rounded to the fen the sum is exact there too.
    expected = Round(
        Coalesce(Subquery(total, output_field=MONEY), Value(Decimal("0.00")), output_field=MONEY),
        precision=2,
        output_field=MONEY,
    )
    payments = Payment.objects.annotate(expected=expected).exclude(refunded_amount=F("expected"))
    for payment in payments.order_by("pk").iterator():
        yield (
            f"payment {payment.out_trade_no}: its refunds add up to {payment.expected:.2f}, "
            f"but {payment.refunded_amount} is refunded"
        )


def _refunds_without_their_event() -> Iterator[str]:
    """A refund that succeeded has one event that says so, of its amount and its payment; any other has none.

    But for a transfer that came back: there it is followed by the event that says so.
    """
    gone = PaymentEvent.objects.filter(verdict=Verdict.REFUNDED)
    own = gone.filter(refund=OuterRef("pk"))
    fitting = own.filter(amount=OuterRef("amount"), payment=OuterRef("payment"))
    ends = PaymentEvent.objects.filter(
        refund=OuterRef("pk"), verdict__in=[Verdict.REFUNDED, Verdict.REFUND_FAILED]
    )
    refunds = Refund.objects.annotate(
        told=_count(own, "refund"),
        right=_count(fitting, "refund"),
        last_verdict=Subquery(ends.order_by("-pk").values("verdict")[:1]),
    )
    has_gone = Q(state=Refund.State.SUCCEEDED)
    came_back = Q(
        channel=Refund.Channel.PAYOUT, last_verdict=Verdict.REFUND_FAILED, told=1, right=1
    )
    wrong = refunds.filter(has_gone & ~Q(told=1, right=1) | ~has_gone & Q(told__gt=0) & ~came_back)
    for refund in wrong.order_by("pk").iterator():
        yield (
            f"refund {refund.out_request_no}: state {refund.state} over {refund.amount}, "
            f"{refund.told} events say refunded, {refund.right} of them this"
        )
    for event in gone.filter(refund=None).iterator():
        yield f"event {event}: refunded {event.amount} for no refund"


def _orders_not_settled_once() -> Iterator[str]:
    """Paid on delivery may be settled any time; canceled may have been paid, but then nothing of it is left with us."""
    settling = Count(
        "payments",
        filter=Q(payments__settles=F("order_id"), payments__amount=F("total_amount")),
    )
    orders = OrderInfo.objects.annotate(paid=settling)
    unpaid, canceled = Q(status=OrderInfo.Status.UNPAID), Q(status=OrderInfo.Status.CANCELED)
    cash = Q(pay_method=OrderInfo.PayMethod.CASH)
    wrong = orders.filter(unpaid & Q(paid__gt=0) | ~unpaid & ~canceled & ~cash & ~Q(paid=1))
    for order in wrong.order_by("pk").iterator():
        yield f"order {order.pk}: status {order.get_status_display()}, settled by {order.paid} payments"
    kept = Payment.objects.filter(
        settles__status=OrderInfo.Status.CANCELED, refunded_amount__lt=F("amount")
    )
    for payment in kept.order_by("pk").iterator():
        yield (
            f"order {payment.order_id}: canceled, "
            f"but {payment.refundable_amount} of payment {payment.out_trade_no} is not refunded"
        )
    # Its refund may have failed, and the letter about that have been lost.
    surplus = Payment.objects.filter(state=State.SURPLUS, refunded_amount__lt=F("amount"))
    for payment in surplus.order_by("pk").iterator():
        yield (
            f"order {payment.order_id}: needed no money, "
            f"but {payment.refundable_amount} of payment {payment.out_trade_no} is not refunded"
        )


def _count(rows: QuerySet, by: str) -> Coalesce:
    """How many rows one parent has."""
    counted = rows.order_by().values(by).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=models.IntegerField()), Value(0))
