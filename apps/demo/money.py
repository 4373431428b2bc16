"""What was paid for past orders: cash, which the operator took in. No provider's bill could show it."""

from datetime import datetime
from decimal import Decimal

from apps.demo.people import FINANCE
from apps.demo.rows import Rows, times
from apps.orders.models import OrderInfo
from apps.payment.models import Payment, PaymentEvent, Refund
from apps.payment.models.payments import CASH

Verdict = PaymentEvent.Verdict


def take_in(rows: Rows, order: OrderInfo, *, at: datetime, by: int) -> Payment:
    """Add the payment of an order in cash, as ``settle_cash`` does; ``by`` is the id of the cashier."""
    rows.keep_order(Payment, Refund, PaymentEvent)
    payment = rows.add(
        Payment(
            order_id=order.pk,
            settles_id=order.pk,
            provider=CASH,
            product=CASH,
            out_trade_no=f"{order.pk}01",
            amount=order.total_amount,
            state=Payment.State.SUCCEEDED,
            expires_at=at,
            paid_at=at,
            **times(at),
        )
    )
    _record(rows, payment, "RECEIVED", f"received:{payment.out_trade_no}", at=at, by=by)
    return payment


def give_back(
    rows: Rows,
    payment: Payment,
    amount: Decimal,
    reason: str,
    *,
    at: datetime,
    by: int,
    key: str | None = None,
) -> Refund:
    """Add a refund of cash, which was handed over by hand; the payment is one that is not written yet."""
    payment.refunded_amount += amount
    refund = rows.add(
        Refund(
            payment_id=payment.pk,
            out_request_no=Refund.number_of(payment, nth=1),
            amount=amount,
            reason=reason,
            cause=Refund.Cause.OPERATOR,
            channel=Refund.Channel.CASH,
            state=Refund.State.SUCCEEDED,
            requested_by_id=by,
            request_key=key,
            succeeded_at=at,
            **times(at),
        )
    )
    _record(rows, refund, "HANDED_OVER", f"refunded:{refund.out_request_no}", at=at, by=by)
    return refund


def _record(
    rows: Rows, moved: Payment | Refund, status: str, event_id: str, *, at: datetime, by: int
) -> None:
    is_refund = isinstance(moved, Refund)
    rows.add(
        PaymentEvent(
            payment_id=moved.payment_id if isinstance(moved, Refund) else moved.pk,
            refund_id=moved.pk if is_refund else None,
            provider=CASH,
            event_id=event_id,
            kind=PaymentEvent.Kind.OPERATOR,
            status=status,
            amount=moved.amount,
            payload={"by": by, "username": FINANCE},
            verdict=Verdict.REFUNDED if is_refund else Verdict.SETTLED,
            create_time=at,
        )
    )
