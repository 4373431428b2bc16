"""What the audit adds up: payments against what the providers' events say, and orders against payments."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q

from apps.orders.models import OrderInfo
from apps.payment.models import Payment, PaymentEvent

Verdict = PaymentEvent.Verdict
State = Payment.State


def payment_differences() -> Iterator[str]:
    """Every payment whose money no event speaks of, or the other way round; and every order not settled so."""
    told = PaymentEvent.objects.filter(
        payment=OuterRef("pk"),
        verdict__in=[Verdict.SETTLED, Verdict.SURPLUS],
        amount=OuterRef("amount"),
    )
    payments = Payment.objects.annotate(is_told=Exists(told))
    has_money = Q(state__in=[State.SUCCEEDED, State.SURPLUS])
    for payment in payments.filter(has_money & Q(is_told=False) | ~has_money & Q(is_told=True)):
        told_of = payment.amount if payment.is_told else 0
        yield (
            f"payment {payment.out_trade_no}: state {payment.state} says {payment.paid_amount}, "
            f"the provider's events say {told_of}"
        )
    yield from _orders_not_settled_once()


def _orders_not_settled_once() -> Iterator[str]:
    settling = Count(
        "payments",
        filter=Q(payments__state=State.SUCCEEDED, payments__amount=F("total_amount")),
    )
    on_line = OrderInfo.objects.exclude(pay_method=OrderInfo.PayMethod.CASH).annotate(paid=settling)
    unpaid = Q(status=OrderInfo.Status.UNPAID)
    # A canceled order may have been paid before; its refund is another book.
    wrong = on_line.exclude(status=OrderInfo.Status.CANCELED).filter(
        unpaid & Q(paid__gt=0) | ~unpaid & ~Q(paid=1)
    )
    for order in wrong:
        yield f"order {order.pk}: status {order.get_status_display()}, settled by {order.paid} payments"
