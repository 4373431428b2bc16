"""An order in the admin with its money: how it was really paid, every attempt, every refund."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.admin import AMOUNTS
from apps.orders.admin import OrderInfoAdmin
from apps.orders.models import OrderInfo
from apps.payment.admin.base import ReadOnlyInline, way_to_pay, with_seconds
from apps.payment.admin.canceling import CANCELABLE, cancel_page, may_cancel
from apps.payment.models import Payment, Refund

admin.site.unregister(OrderInfo)


class PaymentInline(ReadOnlyInline):
    model = Payment
    fk_name = "order"
    fields = ["way", "state", "amount", "refunded_amount", "began", "paid", "trade_no"]
    readonly_fields = ["way", "began", "paid"]

    @admin.display(description=_("paid through"))
    def way(self, payment: Payment) -> str:
        return way_to_pay(payment)

    @admin.display(description=_("began"))
    def began(self, payment: Payment) -> str:
        return with_seconds(payment.create_time)

    @admin.display(description=pgettext_lazy("moment", "paid"))
    def paid(self, payment: Payment) -> str:
        return with_seconds(payment.paid_at)


@admin.register(OrderInfo)
class OrderWithMoneyAdmin(OrderInfoAdmin):
    guarded: ClassVar = {**OrderInfoAdmin.guarded, "refunds": AMOUNTS}
    list_display = [
        "order_id",
        "status",
        "total_amount",
        "pay_method",
        "paid_through",
        "create_time",
        "receiver",
        "user",
    ]
    list_select_related = ["user", "settlement"]
    readonly_fields = [*OrderInfoAdmin.readonly_fields, "paid_through", "refunds"]
    inlines = [*OrderInfoAdmin.inlines, PaymentInline]
    change_form_template = "admin/payment/order/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        cancel = self.admin_site.admin_view(self.cancel)
        own = path("<str:order_id>/cancel/", cancel, name="orders_orderinfo_cancel")
        return [own, *super().get_urls()]

    def cancel(self, request: HttpRequest, order_id: str) -> HttpResponse:
        return cancel_page(self, request, order_id)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        order = context["original"]
        context["may_cancel"] = order.status in CANCELABLE and may_cancel(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: OrderInfo | None = None) -> list[Any]:
        line = ["paid_through"]
        if request.user.has_perm("payment.view_refund"):
            line.append("refunds")
        return [*super().get_fieldsets(request, obj), (_("Payment"), {"fields": [line]})]

    @admin.display(description=_("paid through"), ordering="settlement__provider")
    def paid_through(self, order: OrderInfo) -> str:
        """What settled it, whatever way the buyer chose when ordering."""
        if not hasattr(order, "settlement"):
            return self.get_empty_value_display()
        return way_to_pay(order.settlement)

    @admin.display(description=_("refunds"))
    def refunds(self, order: OrderInfo) -> SafeString:
        rows = Refund.objects.filter(payment__order=order).order_by("pk")
        shown = (
            (_page(refund), refund, refund.amount, refund.get_state_display()) for refund in rows
        )
        return format_html_join("", '<div><a href="{}">{}</a> {} {}</div>', shown) or (
            self.get_empty_value_display()
        )


def _page(refund: Refund) -> str:
    return reverse("admin:payment_refund_change", args=[refund.pk])
