from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict


class StockWouldBeNegative(Conflict):
    code = "stock_would_be_negative"
    title = _("There is not that much stock to take away.")


class StockWouldBeTooMuch(Conflict):
    code = "stock_would_be_too_much"
    title = _("That is more stock than can be kept account of.")


class StockChanged(Conflict):
    code = "stock_changed"
    title = _("The stock has changed since you looked. Count against what is shown now.")


class NothingToCorrect(Conflict):
    code = "nothing_to_correct"
    title = _("That is what the shop has: there is nothing to correct.")


class MovementRepeated(Conflict):
    code = "movement_repeated"
    title = _("This was sent twice; it has been booked once.")


class SheetApplied(Conflict):
    code = "sheet_applied"
    title = _("This spreadsheet has been applied already.")


class SheetOutdated(Conflict):
    """``problems``: why which rows cannot be applied any more, as (row, message)."""

    code = "sheet_outdated"
    title = _("Something has changed since the preview. Nothing was applied.")
