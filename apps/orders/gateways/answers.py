"""What 快递100 answers, read with suspicion: whatever comes is a Tracking or one of the three refusals."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.notifications.models.messages import printable
from apps.orders.exceptions import ParcelUnknown, TrackingRefused, TrackingUnanswered
from apps.orders.gateways.interface import Scan, Tracking
from apps.orders.models import Shipment, TrackingEvent

BEIJING = ZoneInfo("Asia/Shanghai")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
# Outside of these a time is a slip of somebody's, and some databases have no such year.
YEARS = range(2000, 2100)
# A parcel has some dozens. The newest are kept.
MOST_SCANS = 200

State = Shipment.State
# Their ``state`` (快递单当前状态). A parcel on its way back (6) and one that is back (4) are the same to a buyer.
STATES = {
    "0": State.MOVING,
    "1": State.SHIPPED,  # 揽收
    "2": State.TROUBLED,  # 疑难
    "3": State.DELIVERED,
    "4": State.RETURNED,  # 退签: the sender has it again
    "5": State.DELIVERING,
    "6": State.RETURNED,
    "7": State.MOVING,  # 转投: handed on to another carrier
    "8": State.MOVING,  # customs, as are the following
    "10": State.MOVING,
    "11": State.MOVING,
    "12": State.MOVING,
    "13": State.TROUBLED,
    "14": State.TROUBLED,  # 拒签: the consignee does not take it
}
LAST_STATES = {"3", "4"}

NOTHING_FOUND, PHONE_WRONG, BAD_REQUEST, BAD_SIGNATURE, NOT_PAID = "500", "408", "400", "503", "601"


def read(body: bytes, *, number: str) -> Tracking:
    """The Tracking that an answer holds; raises ParcelUnknown, TrackingRefused, TrackingUnanswered."""
    answer = _json(body)
    # A refusal has a returnCode; what is found has a status of 200.
    code = str(answer.get("returnCode") or answer.get("status") or "")
    if code != "200":
        raise _refusal(code, printable(str(answer.get("message") or ""))[:200])
    if str(answer.get("nu") or number).casefold() != number.casefold():
        raise TrackingUnanswered("They answer of another parcel.")
    scans = _scans(answer.get("data"))
    if not scans:
        raise ParcelUnknown("Nothing was scanned so far.")
    state = str(answer.get("state"))
    return Tracking(STATES.get(state), scans, is_over=state in LAST_STATES)


def _json(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise TrackingUnanswered("They answer no JSON.") from None
    if not isinstance(answer, dict):
        raise TrackingUnanswered("They answer no JSON object.")
    return answer


def _refusal(code: str, said: str) -> ParcelUnknown | TrackingRefused | TrackingUnanswered:
    told = f"{code} {said}".strip()
    # "找不到对应公司", "不支持此快递公司": only parcels of this carrier.
    if code in {NOTHING_FOUND, PHONE_WRONG} or (code == BAD_REQUEST and "公司" in said):
        return ParcelUnknown(told)
    if code in {BAD_REQUEST, BAD_SIGNATURE, NOT_PAID}:
        return TrackingRefused(told)
    return TrackingUnanswered(told or "They answer neither a result nor a reason.")


def _scans(rows: object) -> tuple[Scan, ...]:
    """Newest first; a row without a time or a text is passed over."""
    if not isinstance(rows, list):
        return ()
    readable = sorted(_readable(rows), key=lambda scan: scan.at, reverse=True)
    return tuple(readable[:MOST_SCANS])


def _readable(rows: list[Any]) -> Iterator[Scan]:
    for row in rows:
        if not isinstance(row, dict):
            continue
        at = _moment(row.get("ftime")) or _moment(row.get("time"))
        text = printable(str(row.get("context") or "")).strip()
        if at and text:
            yield Scan(at, text[: TrackingEvent.LONGEST_DESCRIPTION])


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.strptime(str(text), TIME_FORMAT).replace(tzinfo=BEIJING)
    except ValueError:
        return None
    return moment if moment.year in YEARS else None
