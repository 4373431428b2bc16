"""What buyers and the merchant's ERP were told, and what they could not be told. Nothing of it is sent by anybody."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from apps.demo.opinions import Purchase
from apps.demo.rows import Rows, times
from apps.notifications.models import Channel, Event, Message, WebhookEndpoint
from apps.notifications.services.announcing import webhook_body
from apps.orders.models import OrderInfo, Status

State = Message.State
OF_EACH = 6
ENDPOINT = "示例 ERP"
# Nobody answers there, and it is switched off besides.
ADDRESS = "https://erp.example.com/hooks/meiduo"
# No provider knows it: were it sent again, it would be refused.
SMS_TEMPLATE = "SMS_000000000"
# Long enough to look at it; a switched off endpoint is then given up on.
NEXT_TRY_AFTER = timedelta(days=365)
REFUSED = "HTTP 503"


def write_messages(rows: Rows, purchases: Sequence[Purchase], *, now: datetime) -> None:
    """Add those of the parcels that left last, one of each state for a webhook besides."""
    told_of: dict[str, Any] = {"events": [Event.ORDER_SHIPPED, Event.ORDER_CANCELED]}
    endpoint, _ = WebhookEndpoint.objects.get_or_create(
        name=ENDPOINT, defaults={"url": ADDRESS, "is_active": False, **told_of}
    )
    left = [each.order for each in purchases if each.order.status == Status.UNRECEIVED]
    latest = sorted(left, key=lambda order: order.update_time)[-OF_EACH:]
    for order in latest:
        _write_to_buyer(rows, order)
    states = (State.SENT, State.SENT, State.GAVE_UP, State.FAILED, State.FAILED, State.QUEUED)
    for order, state in zip(latest, states, strict=False):
        _write_to_endpoint(rows, order, endpoint, state, now)


def _write_to_buyer(rows: Rows, order: OrderInfo) -> None:
    at, parcel = order.update_time, order.shipment
    carrier = parcel.carrier.name
    text = f"您的订单 {order.pk} 已由{carrier}发出，运单号 {parcel.number}。"
    told = {"order_id": order.pk, "carrier": carrier, "tracking_number": parcel.number}
    sent = {"state": State.SENT, "tries": 1, "tried_at": at, "sent_at": at}
    _add(
        rows,
        order,
        at,
        channel=Channel.SMS,
        receiver=order.mobile,
        body=text,
        payload={"template": SMS_TEMPLATE, "parameters": told},
        **sent,
    )
    _add(
        rows,
        order,
        at,
        channel=Channel.EMAIL,
        receiver=f"guest{order.user_id}@example.com",
        body=text,
        payload={"title": f"订单 {order.pk} 已发货"},
        **sent,
    )


def _write_to_endpoint(
    rows: Rows, order: OrderInfo, endpoint: WebhookEndpoint, state: str, now: datetime
) -> None:
    at, parcel = order.update_time, order.shipment
    tried: dict[str, Any] = {"tries": 0}
    if state == State.SENT:
        tried = {"tries": 1, "tried_at": at, "sent_at": at, "answer": "HTTP 204"}
    elif state != State.QUEUED:
        tries = 7 if state == State.GAVE_UP else 3
        tried = {"tries": tries, "tried_at": at, "last_error": REFUSED, "answer": REFUSED}
    message = _add(
        rows,
        order,
        at,
        channel=Channel.WEBHOOK,
        endpoint_id=endpoint.pk,
        receiver=endpoint.url,
        state=state,
        next_try_at=None if state in Message.FINISHED else now + NEXT_TRY_AFTER,
        **tried,
    )
    told = {
        "order_id": order.pk,
        "carrier": parcel.carrier.name,
        "tracking_number": parcel.number,
    }
    message.body = webhook_body(message.message_id, Event.ORDER_SHIPPED, told, at=at)


def _add(rows: Rows, order: OrderInfo, at: datetime, **columns: Any) -> Message:
    return rows.add(
        Message(
            event=Event.ORDER_SHIPPED,
            subject=order.pk,
            user_id=order.user_id,
            **columns,
            **times(at),
        )
    )
