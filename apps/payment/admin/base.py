from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.admin import AMOUNTS, ShopAdmin, ShopInline
from apps.core.exceptions import DomainError, GatewayError, Unavailable
from apps.payment.exceptions import Misconfigured, Rejected
from apps.payment.gateways import name_of, product_name_of
from apps.payment.models import Payment, Refund
from apps.payment.models.payments import CASH
from apps.users.models import User

# A provider may take seconds to answer, and a browser does not wait for ever.
MOST_ROWS = 20
REFUSALS = (DomainError, GatewayError, Unavailable)


class LookedAt:
    """What is looked at in the admin, never written there: money, and what was said of it."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(LookedAt, ShopAdmin):
    """What changes a row is a service, and has its own action: it is logged, and what refuses it is shown."""

    @admin.display(description=gettext_lazy("provider"), ordering="provider")
    def named_provider(self, row: Any) -> str:
        return provider_name(row.provider)

    def each(
        self, request: HttpRequest, rows: QuerySet, act: Callable[[Any], str], *, verb: str
    ) -> None:
        """Do something with every chosen row, say what came of it, and log who did it: ``act`` answers what is said.

        A refusal of one row does not keep the others waiting.
        """
        chosen = list(rows[: MOST_ROWS + 1])
        if len(chosen) > MOST_ROWS:
            said = _("At most %(count)d at once, please.") % {"count": MOST_ROWS}
            self.message_user(request, said, messages.ERROR)
            return
        for row in chosen:
            try:
                outcome = act(row)
            except REFUSALS as refusal:
                outcome = said_of(refusal)
                self.message_user(request, f"{row}: {outcome}", messages.ERROR)
            else:
                self.message_user(request, f"{row}: {outcome}", messages.SUCCESS)
            self.log_change(request, row, f"{verb}: {outcome}")


class ReadOnlyInline(LookedAt, ShopInline):
    can_delete = False
    extra = 0  # of a row that may be there once Django shows an empty form, whoever may add it
    show_change_link = True


class RefundShown:
    """What is shown of a refund beside its columns."""

    @admin.display(description=gettext_lazy("last answer"))
    def last_answer(self, refund: Refund) -> str:
        return " ".join(filter(None, [refund.answer, outlook(refund)])) or "-"


def provider_name(provider: str) -> str:
    """What people call it; cash has no gateway, and of one that is gone the code is left."""
    return _("cash") if provider == CASH else str(name_of(provider))


def way_to_pay(payment: Payment) -> str:
    """Provider and product by name."""
    provider = provider_name(payment.provider)
    if payment.provider == CASH:
        return provider
    return f"{provider} {product_name_of(payment.provider, payment.product)}"


def with_seconds(at: datetime | None) -> str:
    """For rows that may be seconds apart."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else "-"


class ProviderFilter(admin.AllValuesFieldListFilter):
    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": provider_name(str(choice["display"]))}


def standing(refund: Refund) -> str:
    """How a refund stands, what the provider last said of it, and what becomes of it by itself."""
    return " ".join(filter(None, [refund.get_state_display(), refund.answer, outlook(refund)]))


def outlook(refund: Refund) -> str:
    """What becomes of a refund by itself, and when; nothing of one that has ended."""
    if refund.is_finished or refund.next_try_at is None:
        return ""
    if refund.next_try_at <= timezone.now():
        return _("It is tried by itself within seconds.")
    at = {"time": with_seconds(refund.next_try_at)}
    if not refund.tries:
        return (
            _("The provider wants a pause between two refunds; it is sent by itself at %(time)s.")
            % at
        )
    return _("It is tried again by itself at %(time)s.") % at


def may_refund(request: HttpRequest) -> bool:
    """Nobody gives back amounts that he does not see."""
    return request.user.has_perms(["payment.add_refund", AMOUNTS])


def operator(request: HttpRequest) -> User:
    return cast("User", request.user)  # nobody is anonymous in the admin


def said_of(refusal: DomainError | GatewayError | Unavailable) -> str:
    """A refusal in words; the provider's own are added as they came."""
    if isinstance(refusal, Rejected):
        return _("The provider refused: %(words)s") % {"words": refusal}
    if isinstance(refusal, Misconfigured):
        return _("Our settings do not fit the provider's: %(words)s") % {"words": refusal}
    if isinstance(refusal, GatewayError):
        return _("No clear answer from the provider: %(words)s") % {"words": refusal}
    return str(refusal.detail)
