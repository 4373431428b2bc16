"""Who is told that an order was shipped or canceled, in the transaction in which it happens."""

from typing import Any

from apps.notifications.selectors import outlets
from apps.notifications.services import Event, announce
from apps.orders.models import OrderInfo, Shipment


def tell_shipped(shipment: Shipment) -> None:
    """One statement when nobody wants to know."""
    told = {"carrier": shipment.carrier.name, "tracking_number": shipment.number}
    _tell(Event.ORDER_SHIPPED, shipment.order_id, told)


def tell_canceled(order_id: str, reason: str) -> None:
    """Costs likewise."""
    _tell(Event.ORDER_CANCELED, order_id, {"reason": reason})


def _tell(event: Event, order_id: str, told: dict[str, Any]) -> None:
    switched_on = outlets(event)
    if not switched_on:
        return
    order = OrderInfo.objects.select_related("user").get(pk=order_id)
    announce(
        event,
        subject=order.pk,
        payload=told,
        user_id=order.user_id,
        mobile=order.mobile,
        email=order.user.email if order.user.email_active else "",
        switched_on=switched_on,
    )
