"""Orders that leave the house and arrive."""

from datetime import timedelta

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from apps.core.transactions import retry_lost_transactions
from apps.orders.exceptions import (
    CarrierUnknown,
    HeldBack,
    ShipmentDelivered,
    TrackingNumberInvalid,
)
from apps.orders.models import Carrier, OrderInfo, Shipment, Step, TrackingEvent
from apps.orders.models.shipping import is_tracking_number
from apps.orders.selectors import holds
from apps.orders.services.steps import take_step, take_step_or_refuse
from apps.orders.services.telling import tell_shipped
from apps.orders.services.tracking import first_question
from apps.users.models import User


@retry_lost_transactions
@transaction.atomic(durable=True)
def ship_order(order_id: str, *, carrier: Carrier, number: str, by: User) -> Shipment:
    """Record that an order was handed over to a carrier; it counts as received ``RECEIVE_DAYS`` later.

    Who did it is written into the order's history with it, so that no order was shipped by nobody.
    Of two who ship, or one who ships and one who cancels, one gets WrongState. Raises HeldBack while something is to be
    decided before, such as the buyer's wish to cancel it; NoSuchOrder, CarrierUnknown for one that is not in use,
    TrackingNumberInvalid besides.
    """
    if not carrier.is_active:
        raise CarrierUnknown
    if not is_tracking_number(number):
        raise TrackingNumberInvalid
    now = timezone.now()
    receive_by = now + timedelta(days=settings.RECEIVE_DAYS)
    shipped_with = f"{carrier} {number}"
    take_step_or_refuse(
        order_id, Step.SHIP, by_id=by.pk, reason=shipped_with, receive_by=receive_by
    )
    # The step has locked the order: whoever asks to hold it has done so before, or comes too late.
    if hold := holds([order_id]).get(order_id):
        raise HeldBack(hold)
    shipment = Shipment.objects.create(
        order_id=order_id,
        carrier=carrier,
        number=number,
        shipped_by=by,
        next_query_at=first_question(now),
    )
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(OrderInfo),
        object_id=order_id,
        object_repr=order_id,
        action_flag=CHANGE,
        change_message=gettext("Shipped: %(shipment)s") % {"shipment": shipped_with},
    )
    tell_shipped(shipment)
    return shipment


@transaction.atomic
def correct_shipment(shipment_id: int, *, carrier: Carrier, number: str) -> None:
    """Give a parcel another carrier or number; what was told of the wrong one is forgotten.

    Raises ShipmentDelivered once it is there, TrackingNumberInvalid besides.
    """
    if not is_tracking_number(number):
        raise TrackingNumberInvalid
    again = first_question(timezone.now())
    if not Shipment.objects.correct(shipment_id, carrier=carrier, number=number, at=again):
        raise ShipmentDelivered
    TrackingEvent.objects.filter(shipment=shipment_id).delete()


@retry_lost_transactions
@transaction.atomic(durable=True)
def receive_order(order_id: str, *, by: User | None, reason: str = "") -> bool:
    """Record that an order has arrived; ``by`` None: its time is over. False if it was not under way (any more)."""
    return take_step(order_id, Step.RECEIVE, by_id=by.pk if by else None, reason=reason)
