from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from apps.payment import services
from apps.payment.admin.base import ReadOnlyAdmin, ReadOnlyInline, standing
from apps.payment.admin.replacing import replacement_page
from apps.payment.models import PaymentEvent, Refund


class RefundEventInline(ReadOnlyInline):
    model = PaymentEvent
    fields = ["create_time", "kind", "status", "amount", "verdict", "event_id"]
    readonly_fields = ["create_time"]


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    """Who may add refunds may hurry them, and give back otherwise what failed. A refund begins at its payment."""

    change_form_template = "admin/payment/refund/change_form.html"
    list_display = [
        "out_request_no",
        "state",
        "amount",
        "answer",
        "create_time",
        "succeeded_at",
        "requested_by",
        "cause",
        "channel",
        "payment",
    ]
    list_select_related = ["payment", "requested_by"]
    list_filter = ["state", "channel", "cause", "create_time"]
    search_fields = [
        "=out_request_no",
        "=refund_no",
        "=payment__out_trade_no",
        "=payment__order__order_id",
    ]
    fieldsets = [
        (None, {"fields": ["out_request_no", "payment", "state", "amount", "reason"]}),
        (_("Why and how"), {"fields": ["cause", "requested_by", "channel", "refund_no"]}),
        (_("Times"), {"fields": ["create_time", "succeeded_at"]}),
        (_("Tries"), {"fields": ["tries", "tried_at", "next_try_at", "answer"]}),
    ]
    readonly_fields = ["create_time"]
    inlines = [RefundEventInline]
    actions = ["retry"]

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payment.add_refund")

    @admin.action(
        description=_("Ask the provider now, or send again what it does not know"),
        permissions=["refund"],
    )
    def retry(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        self.each(request, queryset, _retry, verb="Retry")

    def get_urls(self) -> list[URLPattern]:
        replace = self.admin_site.admin_view(self.replace)
        own = path("<int:refund_id>/replace/", replace, name="payment_refund_replace")
        return [own, *super().get_urls()]

    def replace(self, request: HttpRequest, refund_id: int) -> HttpResponse:
        return replacement_page(self, request, refund_id)


def _retry(refund: Refund) -> str:
    return standing(services.retry_refund(refund))
