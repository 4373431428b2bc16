from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from apps.payment.models import Payment, PaymentEvent


class ReadOnlyAdmin(admin.ModelAdmin):
    """Money is looked at here, never written."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PaymentEventInline(admin.TabularInline):
    model = PaymentEvent
    fields = ["create_time", "kind", "status", "amount", "verdict", "event_id"]
    readonly_fields = ["create_time"]
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = [
        "out_trade_no",
        "provider",
        "amount",
        "state",
        "trade_no",
        "create_time",
        "paid_at",
    ]
    list_filter = ["provider", "state", "create_time"]
    search_fields = ["=out_trade_no", "=trade_no", "=order__order_id"]
    inlines = [PaymentEventInline]


@admin.register(PaymentEvent)
class PaymentEventAdmin(ReadOnlyAdmin):
    list_display = ["create_time", "provider", "kind", "status", "amount", "verdict", "payment"]
    list_filter = ["provider", "kind", "verdict", "create_time"]
    list_select_related = ["payment"]
    search_fields = ["=event_id", "=payment__out_trade_no"]
