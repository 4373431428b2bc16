from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError, Missing


class NoSuchAfterSale(Missing):
    code = "no_such_after_sale"
    title = _("There is no such after-sale request.")


class AfterSaleNotPossible(Conflict):
    """``reason`` is a key of ``reasons``; ``order_status`` is the order's."""

    code = "after_sale_not_possible"
    title = _("This cannot be asked of the order now.")
    reasons: ClassVar[dict[str, str | Promise]] = {
        "unpaid": _("Nothing was paid for this order yet."),
        "shipped": _("Only an order that was not shipped can be canceled as a whole."),
        "not_shipped": _("An order that was not shipped can only be canceled as a whole."),
        "ended": _("This order was canceled."),
        "late": _("The time in which this could be asked is over."),
        "often": _("There were too many requests about this order."),
    }

    def __init__(self, reason: str, *, order_status: int) -> None:
        super().__init__(self.reasons[reason], reason=reason, order_status=order_status)


class TooManyUnits(Conflict):
    """``lines`` says of each line that was asked for too many of, how many can still be asked for."""

    code = "after_sale_too_many_units"
    title = _("More units than were bought, or than are not asked for already.")

    def __init__(self, lines: Sequence[dict[str, int]]) -> None:
        super().__init__(lines=list(lines))


class LineNotOfOrder(DomainError):
    code = "after_sale_line_unknown"
    title = _("A line is not one of this order's.")


class AfterSaleAmountInvalid(DomainError):
    """``most_amount`` (CNY yuan) is the most that can be asked for, or approved."""

    code = "after_sale_amount_invalid"
    title = _(
        "The amount is more than nothing, has whole fen, and is no more than these goods cost."
    )

    def __init__(self, most: Decimal) -> None:
        super().__init__(most_amount=f"{most:.2f}")


class TooManyPictures(Conflict):
    """``most`` is how many a request can have."""

    code = "after_sale_too_many_pictures"
    title = _("A request cannot have so many pictures.")

    def __init__(self, most: int) -> None:
        super().__init__(most=most)


class SellableInvalid(DomainError):
    code = "after_sale_sellable_invalid"
    title = _("Say for every line how many are sellable: no more than came back.")


class WrongAfterSaleState(Conflict):
    """``state`` and ``state_text`` say where the request is now."""

    code = "after_sale_wrong_state"
    title = _("The after-sale request is in another state now.")

    def __init__(self, *, state: str, state_text: str) -> None:
        said = _("The after-sale request is in another state now: %(state)s.")
        super().__init__(said % {"state": state_text}, state=state, state_text=state_text)
