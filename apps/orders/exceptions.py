from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from apps.core.exceptions import Conflict, DomainError, Missing, Unprocessable

if TYPE_CHECKING:
    from apps.orders.models import OrderInfo
    from apps.orders.selectors import Hold


class EmptySelection(DomainError):
    code = "empty_selection"
    title = _("Nothing in the cart is ticked.")


class TooExpensive(DomainError):
    code = "too_expensive"
    title = _("The order's total is more than can be paid at once.")


@dataclass(frozen=True)
class Obstacle:
    """Why one line cannot be sold: ``withdrawn``, ``repriced`` or ``short``. ``price`` and ``stock`` are today's."""

    sku_id: int
    name: str
    reason: str
    price: str
    stock: int


class LinesRefused(Conflict):
    """``lines`` names every line that is short, repriced or withdrawn, not only the first."""

    code = "lines_refused"
    title = _("Some lines cannot be sold as they were shown.")
    reasons: dict[str, str | Promise] = {
        "withdrawn": _("%(name)s is no longer on sale"),
        "repriced": _("the price of %(name)s is now %(price)s"),
        "short": ngettext_lazy(
            "only %(stock)d of %(name)s is left", "only %(stock)d of %(name)s are left", "stock"
        ),
    }

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        sentences = [str(self.reasons[each.reason] % asdict(each)) for each in obstacles]
        super().__init__(
            str(_("; ")).join(sentences),
            sku_ids=[each.sku_id for each in obstacles],
            lines=[asdict(each) for each in obstacles],
        )


class RequestInFlight(Conflict):
    code = "request_in_flight"
    title = _("Your order is being placed. Please look again in a moment.")

    def __init__(self) -> None:
        super().__init__(retry_after=1)


class KeyReused(Unprocessable):
    code = "idempotency_key_reused"
    title = _("This Idempotency-Key belongs to another request.")


class AlreadyPlaced(Exception):
    """Not a refusal: this cart or request became ``order`` before, and that is the answer."""

    def __init__(self, order: "OrderInfo") -> None:
        self.order = order
        super().__init__(order.pk)


class WrongState(Conflict):
    """The order is not where this step begins; ``order_status`` and ``status_text`` say where it is now."""

    code = "wrong_state"
    title = _("The order is in another state now.")

    def __init__(self, *, status: int, status_text: str) -> None:
        said = _("The order is in another state now: %(state)s.") % {"state": status_text}
        super().__init__(said, order_status=status, status_text=status_text)


class NoSuchOrder(Missing):
    code = "no_such_order"
    title = _("There is no such order.")


class HeldBack(Conflict):
    """``hold`` says why, and where it ends."""

    code = "held_back"
    title = _("Something is to be decided about this order before it is shipped.")

    def __init__(self, hold: "Hold") -> None:
        self.hold = hold
        super().__init__(hold.reason)


class CarrierUnknown(DomainError):
    code = "carrier_unknown"
    title = _("This carrier is not in use.")


class TrackingNumberInvalid(DomainError):
    code = "tracking_number_invalid"
    title = _("A tracking number is 5 to 40 letters, digits and hyphens.")


class ShipmentDelivered(Conflict):
    code = "shipment_delivered"
    title = _("The parcel has been delivered: its number stays.")


class AlreadyReviewed(Conflict):
    code = "already_reviewed"
    title = _("You have reviewed this already.")


class NotReceived(Conflict):
    code = "not_received"
    title = _("Only what was received can be reviewed.")


class ImagesNotUsable(DomainError):
    """Used in another review, uploaded by somebody else or too long ago, or not there at all."""

    code = "images_not_usable"
    title = _("A picture is used already or has expired. Please upload it again.")


class AskedRecently(Conflict):
    """``minutes`` from now on the carrier may be asked again: who asks more often is shut out."""

    code = "asked_recently"
    title = _("The carrier has just been asked.")

    def __init__(self, *, minutes: int) -> None:
        said = ngettext(
            "The carrier has just been asked. Please ask again in %(minutes)d minute.",
            "The carrier has just been asked. Please ask again in %(minutes)d minutes.",
            minutes,
        )
        super().__init__(said % {"minutes": minutes}, minutes=minutes)


class NotTracked(DomainError):
    code = "not_tracked"
    title = _("No carrier is asked here: TRACKING_GATEWAY is not set.")


class NoNews(Exception):
    """Why a tracking gateway has nothing to tell of a parcel. Its text is for operators and the log."""


class ParcelUnknown(NoNews):
    """Nobody knows of it, at least not yet: not scanned so far, or its number, carrier or phone is wrong."""


class TrackingRefused(NoNews):
    """They do not serve us: a person must mend the settings or pay. Every other parcel is refused as well."""


class TrackingUnanswered(NoNews):
    """No answer, or none that can be read: later again."""
