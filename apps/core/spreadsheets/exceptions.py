from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import DomainError


class SpreadsheetRefused(DomainError):
    """The file as a whole cannot be used. ``detail`` says to the person who made it what to do about that."""

    code = "spreadsheet_refused"
    title = _("This spreadsheet cannot be used.")


class CellRefused(Exception):
    """What stands in one cell cannot be meant; the message says why. Never leaves this package."""
