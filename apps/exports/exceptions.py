from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError


class NotExportable(DomainError):
    """There is no such list, or this operator may not take it or these columns of it out of the house."""

    code = "not_exportable"
    title = _("You may not export this.")


class FilterRefused(DomainError):
    code = "filter_refused"
    title = _("The list cannot be filtered or ordered like this any more.")


class TooManyExports(Conflict):
    code = "too_many_exports"
    title = _("Other exports of yours are not finished yet. Wait for them, or cancel one.")


class TakenAway(Exception):
    """Whoever works on an export has lost it: it was canceled, or another worker has taken it up."""
