from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.payment import services
from apps.payment.admin.base import ProviderFilter, ReadOnlyAdmin, ReadOnlyInline
from apps.payment.admin.refunding import refund_page
from apps.payment.models import Payment, PaymentEvent, Refund


class RefundInline(ReadOnlyInline):
    model = Refund
    fields = ["create_time", "out_request_no", "amount", "state", "reason", "answer"]
    readonly_fields = ["create_time"]


class PaymentEventInline(ReadOnlyInline):
    model = PaymentEvent
    fields = ["create_time", "kind", "status", "amount", "verdict", "event_id"]
    readonly_fields = ["create_time"]


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Who may change payments may have the provider asked, and attempts closed; who may add refunds, refund."""

    change_form_template = "admin/payment/payment/change_form.html"
    list_display = [
        "out_trade_no",
        "state",
        "amount",
        "refunded_amount",
        "named_provider",
        "product",
        "create_time",
        "paid_at",
        "order_link",
        "trade_no",
    ]
    list_filter = [("provider", ProviderFilter), "state", "create_time"]
    search_fields = ["=out_trade_no", "=trade_no", "=order__order_id"]
    fieldsets = [
        (None, {"fields": ["out_trade_no", "order", "state", "amount", "refunded_amount"]}),
        (_("Provider"), {"fields": ["named_provider", "account", "product", "trade_no"]}),
        (_("Times"), {"fields": ["create_time", "expires_at", "paid_at"]}),
        (_("Questions"), {"fields": ["queries", "asked_at", "next_query_at", "is_closing"]}),
    ]
    readonly_fields = ["named_provider", "create_time"]
    inlines = [RefundInline, PaymentEventInline]
    actions = ["ask", "close"]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payment.change_payment")

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payment.add_refund")

    @admin.display(description=_("order"), ordering="order")
    def order_link(self, payment: Payment) -> SafeString:
        address = reverse("admin:orders_orderinfo_change", args=[payment.order_id])
        return format_html('<a href="{}">{}</a>', address, payment.order_id)

    @admin.action(description=_("Ask the provider now"), permissions=["operate"])
    def ask(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        self.each(request, queryset, _ask, verb="Ask the provider")

    @admin.action(description=_("Close at the provider"), permissions=["operate"])
    def close(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        self.each(request, queryset, _close, verb="Close at the provider")

    def get_urls(self) -> list[URLPattern]:
        refund = self.admin_site.admin_view(self.refund)
        own = path("<int:payment_id>/refund/", refund, name="payment_payment_refund")
        return [own, *super().get_urls()]

    def refund(self, request: HttpRequest, payment_id: int) -> HttpResponse:
        return refund_page(self, request, payment_id)


def _ask(payment: Payment) -> str:
    services.ask_provider(payment)
    payment.refresh_from_db()
    return payment.get_state_display()


def _close(payment: Payment) -> str:
    services.close_attempt(payment)
    payment.refresh_from_db()
    return payment.get_state_display()
