"""The kinds of refusal. Apps subclass them, named by what happened; ``problems`` speaks HTTP."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A request that was understood and cannot be granted. Nothing has changed.

    ``extra`` is data for the client (SKU ids, limits), shown beside the message.
    """

    code: ClassVar[str] = "refused"
    title: ClassVar[str | Promise] = _("The request cannot be granted.")

    def __init__(self, detail: str | Promise | None = None, **extra: Any) -> None:
        self.detail = detail or self.title
        self.extra = extra
        super().__init__(self.detail)


class Forged(DomainError):
    """What claims to come from somebody was not signed by them."""

    code = "forged"
    title = _("Illegal request.")


class Missing(DomainError):
    """What the request speaks of does not exist, or not for this person."""

    code = "not_found"
    title = _("Not found.")


class Conflict(DomainError):
    """The state of things does not allow it now."""

    code = "conflict"
    title = _("The request conflicts with the current state.")


class Unprocessable(DomainError):
    """The request contradicts one made before."""

    code = "unprocessable"
    title = _("The request contradicts an earlier one.")


class TooManyRequests(DomainError):
    """Asked too often; ``retry_after`` seconds from now the same request may be granted."""

    code = "too_many_requests"
    title = _("Too many requests. Please wait a moment.")

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(retry_after=retry_after)


class Unavailable(Exception):
    """Something we stand on does not answer; the same request may succeed later."""

    code: ClassVar[str] = "unavailable"
    title: ClassVar[str | Promise] = _("The service is busy. Please try again in a moment.")

    def __init__(self, detail: str | Promise | None = None, *, retry_after: int = 2) -> None:
        self.detail = detail or self.title
        self.retry_after = retry_after
        super().__init__(self.code)


class LostRace(Exception):
    """A transaction was beaten to something by another and rolled back; trying it again may succeed."""


class GatewayError(Exception):
    """An outside service failed us; the cause is chained. ``needs_a_person``: the operators are told, throttled."""

    code: ClassVar[str] = "gateway_failed"
    needs_a_person: ClassVar[bool] = True
    title: ClassVar[str | Promise] = _("The payment provider does not answer properly.")
