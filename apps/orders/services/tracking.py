"""Where parcels are: the carriers are asked in good time, and no more often than they bear."""

import logging
import math
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.core.transactions import retry_lost_transactions
from apps.orders import gateways
from apps.orders.exceptions import (
    AskedRecently,
    NoNews,
    NotTracked,
    ParcelUnknown,
    ShipmentDelivered,
    TrackingRefused,
)
from apps.orders.gateways import Tracking, TrackingGateway
from apps.orders.models import Shipment, TrackingEvent

State = Shipment.State

BATCH = 100
# Beat asks again; a worker is not to be held for longer.
LONGEST_RUN_SECONDS = 50
# Whoever does not answer three times running is left alone until the next run.
MOST_UNANSWERED = 3

# These are multiplied by the gateway's pace. No carrier has a parcel in its books before:
FIRST_QUESTION_AFTER = timedelta(hours=1)
# 快递100 locks a parcel that it is asked after more often.
LEAST_PAUSE = timedelta(minutes=30)
PAUSES = {
    State.SHIPPED: timedelta(hours=2),
    State.MOVING: timedelta(hours=4),
    State.DELIVERING: timedelta(hours=1),
    State.TROUBLED: timedelta(hours=6),
    State.RETURNED: timedelta(hours=12),
}
# Of one that nobody has scanned for a day's worth of questions.
LOST_AFTER_QUERIES, LOST_PAUSE = 12, timedelta(hours=12)
# Then nobody waits for it any more, and every question costs money.
MOST_DAYS = 30
MOST_QUERIES = 150

logger = logging.getLogger(__name__)


def first_question(shipped_at: datetime) -> datetime:
    """When to ask for the first time where a parcel is."""
    gateway = gateways.tracking()
    return shipped_at + FIRST_QUESTION_AFTER * (gateway.pace if gateway else 1)


def refresh_tracking(clock: Callable[[], float] = time.monotonic) -> int:
    """Ask after every parcel whose time has come; how many questions were asked.

    Safe to run twice and at once: each parcel is claimed before it is asked after, and whoever dies over it leaves it
    to a run half an hour later. It ends after ``LONGEST_RUN_SECONDS`` of ``clock``, at once when we are refused, and
    after some questions that nobody answered.
    """
    gateway = gateways.tracking()
    if gateway is None:
        return 0
    ends_at = clock() + LONGEST_RUN_SECONDS
    asked = unanswered = 0
    for shipment in _in_turn(timezone.now()):
        if clock() >= ends_at:
            break
        try:
            asked += _ask_if_free(gateway, shipment)
            unanswered = 0
        except TrackingRefused as refusal:
            # The same text for all of them: one mail an hour.
            logger.error("No parcel can be asked after: see TRACKING_GATEWAY. %s", refusal)
            return asked + 1
        except Exception as exc:
            # Whatever it is: a parcel that nobody thought of must not keep the others waiting.
            asked += 1
            unanswered += 1
            if isinstance(exc, NoNews):
                logger.warning("Shipment %s: %s", shipment.pk, exc)
            else:
                logger.exception("Shipment %s could not be asked after", shipment.pk)
            if unanswered == MOST_UNANSWERED:
                logger.warning("Leaving the other parcels to the next run")
                break
    return asked


def ask_now(shipment_id: int) -> None:
    """Ask after a parcel although its time has not come, as an operator wants.

    Raises NotTracked, ShipmentDelivered, AskedRecently, and TrackingRefused or TrackingUnanswered as the gateway does,
    ParcelUnknown after that is written down.
    """
    gateway = gateways.tracking()
    if gateway is None:
        raise NotTracked
    shipment = Shipment.objects.select_related("order", "carrier").get(pk=shipment_id)
    if shipment.state == State.DELIVERED:
        raise ShipmentDelivered
    now = timezone.now()
    free_at = _free_at(gateway, shipment)
    if free_at > now or not _claim(gateway, shipment, now):
        left = max(free_at, now + timedelta(seconds=1)) - now
        raise AskedRecently(minutes=math.ceil(left.total_seconds() / 60))
    unknown = _ask(gateway, shipment, now)
    if unknown:
        raise unknown


def _in_turn(now: datetime) -> Iterator[Shipment]:
    """The parcels that are due, batch by batch; one that was looked at is not due any more, whatever came of it."""
    due = Shipment.objects.due(now).select_related("order", "carrier")
    seen: set[int] = set()
    while batch := [each for each in due[:BATCH] if each.pk not in seen]:
        seen.update(each.pk for each in batch)
        yield from batch


def _ask_if_free(gateway: TrackingGateway, shipment: Shipment) -> bool:
    now = timezone.now()
    if _is_given_up(shipment, now):
        Shipment.objects.put_off(shipment, None)
        return False
    free_at = _free_at(gateway, shipment)
    if free_at > now:
        Shipment.objects.put_off(shipment, free_at)
        return False
    if not _claim(gateway, shipment, now):
        return False
    _ask(gateway, shipment, now)
    return True


def _free_at(gateway: TrackingGateway, shipment: Shipment) -> datetime:
    """From when on its carrier bears another question; it may have been asked for another order's sake."""
    asked = Shipment.objects.same_parcel(shipment).exclude(asked_at=None)
    last = asked.order_by("-asked_at").values_list("asked_at", flat=True).first()
    return last + LEAST_PAUSE * gateway.pace if last else shipment.create_time


@retry_lost_transactions
def _claim(gateway: TrackingGateway, shipment: Shipment, now: datetime) -> bool:
    pause = LEAST_PAUSE * gateway.pace
    return Shipment.objects.claim(shipment, at=now, last_before=now - pause, until=now + pause)


def _ask(gateway: TrackingGateway, shipment: Shipment, now: datetime) -> ParcelUnknown | None:
    """Ask, outside of any transaction, and write down what is told; that nobody knows of it is an answer as well."""
    try:
        told = gateway.ask(shipment.carrier.code, shipment.number, phone=shipment.order.mobile)
    except ParcelUnknown as unknown:
        logger.info("Shipment %s: %s", shipment.pk, unknown)
        _write_down(gateway, shipment, now, Tracking(None, ()))
        return unknown
    _write_down(gateway, shipment, now, told)
    return None


@retry_lost_transactions
@transaction.atomic(durable=True)
def _write_down(gateway: TrackingGateway, asked: Shipment, at: datetime, told: Tracking) -> None:
    """For every order that travels in the parcel."""
    for shipment in Shipment.objects.claimed(asked, at):
        state = _following(shipment, told)
        again = None if told.is_over else _next_question(gateway, shipment, state, told)
        if Shipment.objects.write_down(shipment, at, state=state, next_query_at=again):
            TrackingEvent.objects.write_down(
                shipment, [(scan.at, scan.description) for scan in told.scans]
            )


def _following(shipment: Shipment, told: Tracking) -> str:
    """What the carrier said last holds; only that what was sent back and then signed for is with us, not the buyer."""
    if told.state is None or (shipment.state == State.RETURNED and told.state == State.DELIVERED):
        return shipment.state
    return told.state


def _next_question(
    gateway: TrackingGateway, shipment: Shipment, state: str, told: Tracking
) -> datetime | None:
    now = timezone.now()
    if _is_given_up(shipment, now):
        return None
    is_lost = not told.scans and shipment.queries >= LOST_AFTER_QUERIES
    return now + (LOST_PAUSE if is_lost else PAUSES[State(state)]) * gateway.pace


def _is_given_up(shipment: Shipment, now: datetime) -> bool:
    return shipment.queries >= MOST_QUERIES or now - shipment.create_time > timedelta(
        days=MOST_DAYS
    )
