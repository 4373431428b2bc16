from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.core.admin import AmountRangeFilter, DayRangeFilter
from apps.payment import services
from apps.payment.admin.base import (
    ProviderFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
    RefundShown,
    way_to_pay,
    with_seconds,
)
from apps.payment.admin.events import EventInline
from apps.payment.admin.refunding import refund_page
from apps.payment.models import Payment, Refund


class RefundInline(RefundShown, ReadOnlyInline):
    model = Refund
    fields = ["asked_at", "out_request_no", "amount", "state", "reason", "last_answer"]
    readonly_fields = ["asked_at", "last_answer"]

    @admin.display(description=_("asked for"))
    def asked_at(self, refund: Refund) -> str:
        return with_seconds(refund.create_time)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Who may change payments may have the provider asked, and attempts closed; who may add refunds, refund."""

    change_form_template = "admin/payment/payment/change_form.html"
    list_display = [
        "out_trade_no",
        "state",
        "amount",
        "refunded_amount",
        "way",
        "began",
        "paid",
        "order_link",
    ]
    export_columns: ClassVar = ["order_id", "trade_no", "account", "create_time", "paid_at"]
    export_without: ClassVar = ["began", "paid", "order_link"]
    list_keyset = True
    list_filter = [
        ("provider", ProviderFilter),
        "state",
        ("create_time", DayRangeFilter),
        ("paid_at", DayRangeFilter),
        ("amount", AmountRangeFilter),
    ]
    search_fields = [
        "=out_trade_no",
        "=trade_no",
        "=order__order_id",
        "=order__user__username",
        "=order__user__mobile",
        "=order__mobile",
    ]
    fieldsets = [
        (None, {"fields": ["out_trade_no", "order", "state", "amount", "refunded_amount"]}),
        (_("Provider"), {"fields": ["way", "account", "trade_no"]}),
        (_("Times"), {"fields": ["create_time", "expires_at", "paid_at"]}),
        (_("Questions"), {"fields": ["queries", "asked_at", "next_query_at", "closing"]}),
    ]
    readonly_fields = ["way", "create_time", "closing"]
    inlines = [RefundInline, EventInline]
    actions = ["ask", "close"]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payment.change_payment")

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payment.add_refund")

    @admin.display(description=_("paid through"), ordering="provider")
    def way(self, payment: Payment) -> str:
        return way_to_pay(payment)

    @admin.display(description=_("began"), ordering="create_time")
    def began(self, payment: Payment) -> str:
        return with_seconds(payment.create_time)

    @admin.display(description=pgettext_lazy("moment", "paid"), ordering="paid_at")
    def paid(self, payment: Payment) -> str:
        return with_seconds(payment.paid_at)

    @admin.display(description=_("to be closed"), boolean=True)
    def closing(self, payment: Payment) -> bool:
        return payment.is_closing and payment.state == Payment.State.PENDING

    @admin.display(description=_("order"), ordering="order")
    def order_link(self, payment: Payment) -> SafeString:
        """Short: its number is how ours begins."""
        address = reverse("admin:orders_orderinfo_change", args=[payment.order_id])
        return format_html('<a href="{}">{}</a>', address, _("Look"))

    @admin.action(description=_("Ask the provider now"), permissions=["operate"])
    def ask(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        self.each(request, queryset, _ask, verb=gettext("Ask the provider now"))

    @admin.action(description=_("Close at the provider"), permissions=["operate"])
    def close(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        self.each(request, queryset, _close, verb=gettext("Close at the provider"))

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
