from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from apps.orders.models import OrderGoods, OrderInfo


class OrderGoodsInline(admin.TabularInline):
    model = OrderGoods
    fields = ["sku", "name", "specification", "price", "count", "amount"]
    readonly_fields = ["sku", "name", "specification", "price", "count", "amount"]
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderGoods]:
        return super().get_queryset(request).select_related("sku")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(OrderInfo)
class OrderInfoAdmin(admin.ModelAdmin):
    """To look at: what changes an order is a service, and has its own button."""

    list_display = [
        "order_id",
        "create_time",
        "user",
        "receiver",
        "total_amount",
        "pay_method",
        "status",
    ]
    list_select_related = ["user"]
    list_filter = ["status", "pay_method", "create_time"]
    search_fields = ["=order_id", "=user__username", "=user__mobile", "=mobile"]
    inlines = [OrderGoodsInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
