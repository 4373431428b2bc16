from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import AmountRangeFilter, DayRangeFilter
from apps.payment import services
from apps.payment.admin.base import ReadOnlyAdmin, RefundShown, outlook, standing, with_seconds
from apps.payment.admin.events import EventInline
from apps.payment.admin.replacing import replacement_page
from apps.payment.models import Refund

# In the list; the page has all of it.
LONGEST_ANSWER = 60


@admin.register(Refund)
class RefundAdmin(RefundShown, ReadOnlyAdmin):
    """Who may add refunds may hurry them, and give back otherwise what failed. A refund begins at its payment."""

    change_form_template = "admin/payment/refund/change_form.html"
    list_display = [
        "out_request_no",
        "state",
        "amount",
        "asked_by",
        "asked_for",
        "succeeded",
        "said",
    ]
    list_select_related = ["requested_by"]
    export_columns: ClassVar = [
        "payment__order_id",
        "payment__out_trade_no",
        "refund_no",
        "channel",
        "cause",
        "reason",
        "create_time",
        "succeeded_at",
    ]
    export_without: ClassVar = ["asked_for", "succeeded"]
    list_keyset = True
    list_filter = [
        "state",
        "channel",
        "cause",
        ("create_time", DayRangeFilter),
        ("amount", AmountRangeFilter),
    ]
    search_fields = [
        "=out_request_no",
        "=refund_no",
        "=payment__out_trade_no",
        "=payment__order__order_id",
        "=payment__order__user__username",
        "=payment__order__user__mobile",
        "=payment__order__mobile",
    ]
    fieldsets = [
        (None, {"fields": ["out_request_no", "payment", "state", "amount", "reason"]}),
        (_("Why and how"), {"fields": ["cause", "requested_by", "channel", "refund_no"]}),
        (_("Times"), {"fields": ["create_time", "succeeded_at"]}),
        (_("Tries"), {"fields": ["tries", "tried_at", "next_try_at", "last_answer"]}),
    ]
    readonly_fields = ["create_time", "last_answer"]
    inlines = [EventInline]
    actions = ["retry"]

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payment.add_refund")

    @admin.display(description=_("requested by"), ordering="requested_by")
    def asked_by(self, refund: Refund) -> str:
        return str(refund.requested_by or refund.get_cause_display())

    @admin.display(description=_("last answer"))
    def said(self, refund: Refund) -> str:
        answer = Truncator(refund.answer).chars(LONGEST_ANSWER)
        return " ".join(filter(None, [answer, outlook(refund)]))

    @admin.display(description=_("asked for"), ordering="create_time")
    def asked_for(self, refund: Refund) -> str:
        return with_seconds(refund.create_time)

    @admin.display(description=_("refunded at"), ordering="succeeded_at")
    def succeeded(self, refund: Refund) -> str:
        return with_seconds(refund.succeeded_at)

    @admin.action(
        description=_("Ask the provider now, or send again what it does not know"),
        permissions=["refund"],
    )
    def retry(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        self.each(request, queryset, _retry, verb=gettext("Ask or send again"))

    def get_urls(self) -> list[URLPattern]:
        replace = self.admin_site.admin_view(self.replace)
        own = path("<int:refund_id>/replace/", replace, name="payment_refund_replace")
        return [own, *super().get_urls()]

    def replace(self, request: HttpRequest, refund_id: int) -> HttpResponse:
        return replacement_page(self, request, refund_id)


def _retry(refund: Refund) -> str:
    return standing(services.retry_refund(refund))
