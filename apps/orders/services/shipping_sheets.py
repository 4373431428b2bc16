"""Many orders shipped by one spreadsheet: looked at first, then each in a transaction of its own."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.core.files.base import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.exceptions import DomainError, Unavailable
from apps.core.spreadsheets import MOST_ROWS, Column, Row, read
from apps.orders.exceptions import (
    CarrierUnknown,
    NoSuchOrder,
    TrackingNumberInvalid,
    WrongState,
)
from apps.orders.models import Carrier, OrderInfo, Shipment, Status
from apps.orders.models.shipping import is_tracking_number
from apps.orders.selectors import Hold, holds
from apps.orders.services.shipping import ship_order
from apps.users.models import User

TITLES: dict[str, Sequence[Any]] = {
    "order_id": (gettext_lazy("order number"), "订单号", "order number"),
    "carrier": (gettext_lazy("carrier"), "快递公司", "承运商", "物流公司", "carrier"),
    "number": (
        gettext_lazy("tracking number"), "运单号", "快递单号", "物流单号", "tracking number"
    ),
}  # fmt: skip
LONGEST = 40
TOGETHER = 500


@dataclass(frozen=True)
class Entry:
    """One row: which order is to leave with whom. ``row`` is the one Excel shows; ``refusal`` is why it does not."""

    row: int
    order_id: str
    carrier: str
    number: str
    carrier_id: int = 0
    refusal: str = ""
    warning: str = ""
    is_done: bool = False

    @property
    def is_waiting(self) -> bool:
        return not (self.refusal or self.is_done)


def columns() -> list[Column]:
    return [
        Column(key, [str(title) for title in titles], blank=key != "order_id", longest=LONGEST)
        for key, titles in TITLES.items()
    ]


def read_shipping_sheet(file: File) -> list[Entry]:
    """What each row would do; rows without carrier and number are left out. Raises SpreadsheetRefused.

    However many rows there are, the shop's are read by the five hundred.
    """
    entries = [_entry(row) for row in read(file, columns=columns(), most_rows=MOST_ROWS)]
    filled = [each for each in entries if each.carrier or each.number or each.refusal]
    with_carriers = _find_carriers(filled)
    return _warn_of_repeated(_refuse_others(_refuse_repeated(with_carriers)))


def ship_sheet(entries: Iterable[Entry], *, by: User) -> list[Entry]:
    """Ship them one by one; those that were refused come back with why. Sent twice, each is shipped once."""
    waiting = list(entries)
    carriers = Carrier.objects.in_bulk({each.carrier_id for each in waiting})
    return [_ship(each, carriers.get(each.carrier_id), by) for each in waiting]


def _ship(entry: Entry, carrier: Carrier | None, by: User) -> Entry:
    try:
        if carrier is None:
            raise CarrierUnknown
        ship_order(entry.order_id, carrier=carrier, number=entry.number, by=by)
    except WrongState as refusal:
        same = Shipment.objects.filter(
            order=entry.order_id, carrier=carrier, number=entry.number
        ).exists()
        if same:  # this preview was sent before
            return replace(entry, is_done=True)
        return replace(entry, refusal=str(refusal.detail))
    except (DomainError, Unavailable) as refusal:
        return replace(entry, refusal=str(refusal.detail))
    return replace(entry, is_done=True)


def _entry(row: Row) -> Entry:
    entry = Entry(row.number, row["order_id"] or "", row["carrier"] or "", row["number"] or "")
    if row.problems:
        said = "; ".join(f"{each.column}: {each.message}" for each in row.problems)
        return replace(entry, refusal=said)
    return entry


def _find_carriers(entries: list[Entry]) -> list[Entry]:
    by_word: dict[str, Carrier] = {}
    for carrier in Carrier.objects.order_by("is_active", "pk"):  # one in use wins
        by_word[carrier.code.casefold()] = by_word[carrier.name.casefold()] = carrier

    def found(entry: Entry) -> Entry:
        carrier = by_word.get(entry.carrier.casefold())
        if entry.refusal:
            return entry
        if not entry.carrier:
            return replace(entry, refusal=_("The carrier is missing."))
        if carrier is None:
            return replace(entry, refusal=_("There is no such carrier."))
        if not carrier.is_active:
            return replace(entry, refusal=str(CarrierUnknown.title))
        if not is_tracking_number(entry.number):
            return replace(entry, refusal=str(TrackingNumberInvalid.title))
        return replace(entry, carrier=carrier.name, carrier_id=carrier.pk)

    return [found(each) for each in entries]


def _refuse_repeated(entries: list[Entry]) -> list[Entry]:
    times = Counter(each.order_id for each in entries)
    said = _("Another row has the same order.")
    return [
        replace(each, refusal=said) if not each.refusal and times[each.order_id] > 1 else each
        for each in entries
    ]


def _refuse_others(entries: list[Entry]) -> list[Entry]:
    """Unless its order waits to be shipped, and nothing is to be decided before."""
    orders = [each.order_id for each in entries if each.is_waiting]
    statuses: dict[str, int] = dict(
        _by_hundreds(
            orders,
            lambda some: OrderInfo.objects.filter(pk__in=some).values_list("pk", "status"),
        )
    )

    waiting = [pk for pk, status in statuses.items() if status == Status.UNSEND]
    held: dict[str, Hold] = dict(_by_hundreds(waiting, lambda some: holds(some).items()))

    def checked(entry: Entry) -> Entry:
        status = statuses.get(entry.order_id)
        if hold := held.get(entry.order_id):
            return replace(entry, refusal=hold.reason) if entry.is_waiting else entry
        if not entry.is_waiting or status == Status.UNSEND:
            return entry
        if status is None:
            return replace(entry, refusal=str(NoSuchOrder.title))
        text = str(Status(status).label)
        return replace(entry, refusal=str(WrongState(status=status, status_text=text).detail))

    return [checked(each) for each in entries]


def _warn_of_repeated(entries: list[Entry]) -> list[Entry]:
    """Several orders may travel in one parcel; more often somebody copied the wrong cell."""
    numbers = Counter(each.number for each in entries if each.is_waiting)
    used = {
        number
        for (number,) in _by_hundreds(
            numbers, lambda some: Shipment.objects.filter(number__in=some).values_list("number")
        )
    }

    def warned(entry: Entry) -> Entry:
        if not entry.is_waiting:
            return entry
        if numbers[entry.number] > 1:
            return replace(entry, warning=_("Another row has the same tracking number."))
        if entry.number in used:
            return replace(entry, warning=_("An order was shipped under this number before."))
        return entry

    return [warned(each) for each in entries]


def _by_hundreds(keys: Iterable[str], ask: Callable[[Sequence[str]], Iterable]) -> Iterator[Any]:
    """Answers to a question about many keys, which no database takes all at once."""
    coming = iter(keys)
    while some := list(islice(coming, TOGETHER)):
        yield from ask(some)
