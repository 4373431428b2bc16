from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, GatewayError


class Undelivered(GatewayError):
    """A message did not arrive, or it is in doubt.

    ``answer`` is what the other side said. ``is_down``: others would fare no better. ``is_hopeless``: nor would a
    second try.
    """

    code = "undelivered"
    title = _("The message could not be delivered.")

    def __init__(
        self, reason: str, *, answer: str = "", is_down: bool = False, is_hopeless: bool = False
    ) -> None:
        self.answer, self.is_down, self.is_hopeless = answer, is_down, is_hopeless
        super().__init__(reason)


class BeingSent(Conflict):
    """Somebody is sending it at this moment."""

    code = "being_sent"
    title = _("This message is being sent at this moment.")
