"""Who is told that money came or went back, in the transaction that books it."""

from typing import Any

from apps.notifications.selectors import outlets
from apps.notifications.services import Event, announce
from apps.orders.models import OrderInfo
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
    switched_on = outlets(event)
    if not switched_on:
        return
    order = OrderInfo.objects.select_related("user").get(pk=payment.order_id)
    announce(
        event,
        subject=order.pk,
        payload={**told, "provider": payment.provider, "payment_no": payment.out_trade_no},
        user_id=order.user_id,
        mobile=order.mobile,
        email=order.user.email if order.user.email_active else "",
        switched_on=switched_on,
    )
