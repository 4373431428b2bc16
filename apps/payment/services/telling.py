"""Who is told that money came or went back, in the transaction that books it."""

from typing import Any

from apps.notifications.services import Event
from apps.orders.services import tell_of_order
from apps.payment.models import Payment, Refund


def tell_paid(payment: Payment) -> None:
    """Call it when a payment has settled its order. One statement when nobody wants to know."""
    told = {"amount": payment.amount, "paid_at": payment.paid_at}
    _tell(Event.ORDER_PAID, payment, told)


def tell_refunded(refund: Refund) -> None:
    """Call it when a refund has succeeded, of an order that was paid twice as well. Costs likewise."""
    told = {
        "amount": refund.amount,
        "refund_no": refund.out_request_no,
        "refunded_at": refund.succeeded_at,
    }
    _tell(Event.ORDER_REFUNDED, refund.payment, told)


def _tell(event: Event, payment: Payment, told: dict[str, Any]) -> None:
    of_payment = {"provider": payment.provider, "payment_no": payment.out_trade_no}
    tell_of_order(event, payment.order_id, told | of_payment)
