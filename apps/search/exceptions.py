from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Unavailable


class SearchUnavailable(Unavailable):
    """The index is missing, damaged or out of reach; everything but search goes on."""

    code = "search_unavailable"
    title = _("Search is resting for a moment. Please browse the categories meanwhile.")

    def __init__(self) -> None:
        super().__init__(retry_after=30)
