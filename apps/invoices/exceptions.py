from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict


class TooManyTitles(Conflict):
    code = "too_many_invoice_titles"
    title = _("You have as many invoice titles as one may have.")


class NotInvoiceable(Conflict):
    """``reason`` is a key of ``reasons``; ``order_status`` is the order's."""

    code = "not_invoiceable"
    title = _("There is no invoice for this order now.")
    reasons: ClassVar[dict[str, str | Promise]] = {
        "unpaid": _("An invoice can be asked for once the order is paid."),
        "canceled": _("This order was canceled."),
        "refunded": _("Nothing is left of this order's money that an invoice could be about."),
        "refund_undone": _("The refund that this red letter is about did not arrive after all."),
    }

    def __init__(self, reason: str, *, order_status: int) -> None:
        super().__init__(self.reasons[reason], reason=reason, order_status=order_status)


class AlreadyIssued(Conflict):
    """``state`` and ``number`` are the invoice's that is in the way."""

    code = "invoice_already_issued"
    title = _("The invoice of this order was issued already.")


class NotWaiting(Conflict):
    """An operator comes too late; ``state`` is the invoice's now, ``number`` and ``by`` say who recorded what."""

    code = "invoice_not_waiting"
    title = _("This invoice does not wait to be issued.")

    def __init__(self, *, state: str, number: str, by: str) -> None:
        told = _("%(by)s has recorded this invoice as %(number)s.") % {"by": by, "number": number}
        super().__init__(told if number else None, state=state, number=number, by=by)


class AmountChanged(Conflict):
    """``amount`` (CNY yuan) is what the invoice has to be about now."""

    code = "invoice_amount_changed"
    title = _("The amount of the invoice is another one now.")

    def __init__(self, amount: Decimal) -> None:
        told = {"amount": f"{amount:.2f}"}
        super().__init__(_("This invoice has to be about %(amount)s CNY now.") % told, **told)


class NumberTaken(Conflict):
    code = "invoice_number_taken"
    title = _("Another invoice has this number.")


class NotIssued(Conflict):
    code = "invoice_not_issued"
    title = _("Only an issued invoice has a PDF.")
