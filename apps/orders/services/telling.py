"""Who is told what became of an order, in the transaction in which it happens.

Each costs one statement when nobody wants to know.
"""

from collections.abc import Mapping
from typing import Any

from apps.notifications.selectors import outlets
from apps.notifications.services import Event, announce
from apps.orders.models import OrderInfo, Shipment


def tell_shipped(shipment: Shipment) -> None:
    told = {"carrier": shipment.carrier.name, "tracking_number": shipment.number}
    tell_of_order(Event.ORDER_SHIPPED, shipment.order_id, told)


def tell_canceled(order_id: str, reason: str) -> None:
    tell_of_order(Event.ORDER_CANCELED, order_id, {"reason": reason})


def tell_of_order(event: Event, order_id: str, told: Mapping[str, Any]) -> None:
    """Tell by SMS whoever gets the parcel, by mail the buyer, and all that listen to the event."""
    _tell(event, order_id, told, at_parcels_mobile=True)


def tell_buyer(event: Event, order_id: str, told: Mapping[str, Any]) -> None:
    """Likewise, but by SMS the buyer as well: at the mobile that he has proved to own."""
    _tell(event, order_id, told, at_parcels_mobile=False)


def _tell(event: Event, order_id: str, told: Mapping[str, Any], *, at_parcels_mobile: bool) -> None:
    switched_on = outlets(event)
    if not switched_on:
        return
    order = OrderInfo.objects.select_related("user").get(pk=order_id)
    buyer = order.user
    announce(
        event,
        subject=order.pk,
        payload=told,
        user_id=buyer.pk,
        mobile=order.mobile if at_parcels_mobile else buyer.mobile or "",
        email=buyer.email if buyer.email_active else "",
        switched_on=switched_on,
    )
