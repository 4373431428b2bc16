"""The steps that led a past order to where it stands: when, whose and why; and the parcel that it left in."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings

from apps.demo.people import Staff
from apps.demo.rows import Rows, times
from apps.orders.models import (
    MOVES,
    Carrier,
    OrderEvent,
    OrderInfo,
    Shipment,
    Status,
    Step,
    TrackingEvent,
)

# How long after it was placed an order has come so far.
REACHED_AFTER: dict[int, timedelta] = {
    Status.UNPAID: timedelta(0),
    Status.UNSEND: timedelta(0),
    Status.UNRECEIVED: timedelta(days=1),
    Status.UNCOMMENT: timedelta(days=4),
    Status.FINISHED: timedelta(days=9),
    Status.CANCELED: timedelta(minutes=30),
}
CALLED_OFF = ("买家来电取消", "地址填错，重新下单", "买家不想要了")

# The first letters of a carrier's numbers, and how many digits follow.
NUMBERS = {"shunfeng": ("SF", 13), "jd": ("JD0", 12), "jtexpress": ("JT", 13), "ems": ("EMS", 10)}
OTHER_NUMBERS = ("", 13)
# Hours after it was handed over, and what the carrier said.
ON_ITS_WAY = (
    (0, "【{carrier}】已揽收，寄件方：美多商城仓库"),
    (5, "快件已到达【杭州转运中心】"),
    (9, "快件离开【杭州转运中心】，发往【{city}转运中心】"),
    (23, "快件已到达【{city}转运中心】"),
)
IS_BEING_DELIVERED = "快件已到达【{district}营业点】，正在派送"
IS_DELIVERED = "快件已签收，签收人：本人，感谢使用{carrier}"


def carriers() -> list[Carrier]:
    """Those there are; a shop without any could not have shipped."""
    known = list(Carrier.objects.order_by("sequence", "pk")[:6])
    return known or [Carrier.objects.create(code="shunfeng", name="顺丰速运")]


def write_life(rows: Rows, order: OrderInfo, *, staff: Staff, serial: int) -> None:
    """Add the steps that the order has taken since it was placed."""
    for step in _steps(order):
        by_id, reason = _by_and_why(order, step, staff, serial)
        source, target = MOVES[step]
        rows.add(
            OrderEvent(
                order_id=order.pk,
                step=step,
                from_status=source,
                to_status=target,
                actor_id=by_id,
                reason=reason,
                create_time=order.create_time + REACHED_AFTER[target],
            )
        )


def write_parcel(
    rows: Rows, order: OrderInfo, *, choice: Sequence[Carrier], staff: Staff, serial: int
) -> Shipment:
    """Add the parcel of an order that has left, and note until when its buyer may be silent.

    Nobody asks its carrier: he has never had it.
    """
    at = order.create_time + REACHED_AFTER[Status.UNRECEIVED]
    order.receive_by = at + timedelta(days=settings.RECEIVE_DAYS)
    carrier = choice[serial % len(choice)]
    letters, digits = NUMBERS.get(carrier.code, OTHER_NUMBERS)
    return rows.add(
        Shipment(
            order=order,
            carrier=carrier,
            number=letters + order.pk[-digits:],
            shipped_by_id=staff.warehouse,
            state=Shipment.State.MOVING if _is_under_way(order) else Shipment.State.DELIVERED,
            **times(at, order.update_time),
        )
    )


def write_tracking(rows: Rows, order: OrderInfo, shipment: Shipment, *, now: datetime) -> None:
    """Add what the carrier has said of the parcel up to ``now``."""
    names = {"carrier": shipment.carrier.name, "city": order.city, "district": order.district}
    for at, text in _sayings(order, shipment):
        if at > now:
            break
        if text == IS_BEING_DELIVERED and _is_under_way(order):
            shipment.state = Shipment.State.DELIVERING
        said = text.format(**names)
        digest = hashlib.sha256(said.encode()).hexdigest()
        rows.add(TrackingEvent(shipment_id=shipment.pk, at=at, description=said, digest=digest))


def _steps(order: OrderInfo) -> list[Step]:
    if order.status == Status.CANCELED:
        return [Step.CANCEL_UNPAID if order.expires_at else Step.CANCEL_UNSHIPPED]
    path = (Step.SHIP, Step.RECEIVE, Step.FINISH)
    return [step for step in path if MOVES[step].target <= order.status]


def _by_and_why(order: OrderInfo, step: Step, staff: Staff, serial: int) -> tuple[int | None, str]:
    if step == Step.SHIP:
        return staff.warehouse, f"{order.shipment.carrier} {order.shipment.number}"
    if step == Step.CANCEL_UNSHIPPED:
        return staff.service, CALLED_OFF[serial % len(CALLED_OFF)]
    if step == Step.CANCEL_UNPAID and serial % 3:
        return None, ""
    return order.user_id, ""


def _sayings(order: OrderInfo, shipment: Shipment) -> Iterator[tuple[datetime, str]]:
    for hours, text in ON_ITS_WAY:
        yield shipment.create_time + timedelta(hours=hours), text
    arrived = order.create_time + REACHED_AFTER[Status.UNCOMMENT]
    yield arrived - timedelta(hours=4), IS_BEING_DELIVERED
    if not _is_under_way(order):
        yield arrived - timedelta(hours=1), IS_DELIVERED


def _is_under_way(order: OrderInfo) -> bool:
    return order.status == Status.UNRECEIVED
