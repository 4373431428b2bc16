"""What everybody understands who can be asked where a parcel is. A gateway knows nothing of the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from apps.orders.models import Shipment


@dataclass(frozen=True)
class Scan:
    """What a carrier says of one moment. ``description`` is printable, and fits its column."""

    at: datetime
    description: str


@dataclass(frozen=True)
class Tracking:
    """``state`` is None where they use a word that we do not know. ``is_over``: nothing will come any more."""

    state: Shipment.State | None
    scans: tuple[Scan, ...]
    is_over: bool = False


class TrackingGateway(Protocol):
    @property
    def pace(self) -> float:
        """The share of the usual pauses between two questions that it wants: 1 outside of a sandbox."""
        ...

    def ask(self, carrier_code: str, number: str, *, phone: str) -> Tracking:
        """Where a parcel is; ``phone`` is its consignee's.

        Raises ParcelUnknown, TrackingRefused, TrackingUnanswered.
        """
        ...
