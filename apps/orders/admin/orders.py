from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_list_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from apps.core.admin import AMOUNTS, AmountRangeFilter, DayRangeFilter, ShopAdmin, ShopInline
from apps.orders.admin.bulk import bulk_page, waiting_sheet
from apps.orders.admin.printing import chosen, delivery_notes, picking_list
from apps.orders.admin.shipping import OrderEventInline, ShipmentInline, said_of, ship_page
from apps.orders.models import OrderGoods, OrderInfo
from apps.orders.selectors import holds


class OrderGoodsInline(ShopInline):
    model = OrderGoods
    fields = ["sku", "name", "specification", "price", "count", "amount"]
    readonly_fields = ["sku", "name", "specification", "price", "count", "amount"]
    can_delete = False
    guarded: ClassVar = {"price": AMOUNTS}

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderGoods]:
        return super().get_queryset(request).select_related("sku")

    @admin.display(description=_("line total"))
    def amount(self, line: OrderGoods) -> Decimal:
        return line.amount

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(OrderInfo)
class OrderInfoAdmin(ShopAdmin):
    """To look at: what changes an order is a service, and has its own button."""

    list_display = [
        "order_id",
        "status",
        "total_amount",
        "pay_method",
        "create_time",
        "receiver",
        "user",
    ]
    list_select_related = ["user"]
    export_columns: ClassVar = [
        "total_count",
        "freight",
        "mobile",
        "tel",
        "email",
        "province",
        "city",
        "district",
        "place",
        "shipment__carrier",
        "shipment__number",
        "shipment__create_time",
    ]
    list_keyset = True
    linked = ("expires_at",)  # from the overview: what is about to expire
    list_filter = [
        "status",
        "pay_method",
        ("create_time", DayRangeFilter),
        ("total_amount", AmountRangeFilter),
    ]
    search_fields = ["=order_id", "=user__username", "=user__mobile", "=mobile"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("order_id", "status"),
                    ("create_time", "user"),
                    ("pay_method", "total_count"),
                ]
            },
        ),
        (_("Amounts"), {"fields": [("total_amount", "freight")]}),
        (_("Consignee"), {"fields": [("receiver", "mobile"), ("tel", "email"), "address"]}),
    ]
    readonly_fields = ["create_time", "address"]
    inlines = [OrderGoodsInline, ShipmentInline, OrderEventInline]
    actions = ["picking_list", "delivery_notes"]
    change_list_template = "admin/orders/orderinfo/change_list.html"
    change_form_template = "admin/orders/orderinfo/change_form.html"

    @admin.display(description=_("address"))
    def address(self, order: OrderInfo) -> str:
        return " ".join([order.province, order.city, order.district, order.place])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("ship/", wrap(self.bulk), name="orders_orderinfo_bulk"),
            path("ship/waiting/", wrap(waiting_sheet), name="orders_orderinfo_waiting"),
            path("<str:order_id>/ship/", wrap(self.ship), name="orders_orderinfo_ship"),
            path("<str:order_id>/picking-list/", wrap(self.pick), name="orders_orderinfo_pick"),
            path("<str:order_id>/delivery-note/", wrap(self.note), name="orders_orderinfo_note"),
        ]
        return [*own, *super().get_urls()]

    def ship(self, request: HttpRequest, order_id: str) -> HttpResponse:
        return ship_page(self, request, order_id)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        order = context["original"]
        hold = holds([order.pk]).get(order.pk) if order.is_to_be_shipped else None
        context["held"] = hold and said_of(hold)
        return super().render_change_form(request, context, *args, **kwargs)

    def bulk(self, request: HttpRequest) -> HttpResponseBase:
        return bulk_page(self, request)

    @admin.action(description=_("Print the picking list"), permissions=["view"])
    def picking_list(
        self, request: HttpRequest, queryset: QuerySet[OrderInfo]
    ) -> HttpResponse | None:
        orders = chosen(self, request, queryset)
        return picking_list(request, orders) if orders else None

    @admin.action(description=_("Print the delivery notes"), permissions=["view"])
    def delivery_notes(
        self, request: HttpRequest, queryset: QuerySet[OrderInfo]
    ) -> HttpResponse | None:
        orders = chosen(self, request, queryset)
        return delivery_notes(request, orders) if orders else None

    def pick(self, request: HttpRequest, order_id: str) -> HttpResponse:
        return picking_list(request, self._one(request, order_id))

    def note(self, request: HttpRequest, order_id: str) -> HttpResponse:
        return delivery_notes(request, self._one(request, order_id))

    def _one(self, request: HttpRequest, order_id: str) -> list[OrderInfo]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_list_or_404(OrderInfo.objects.with_lines(), pk=order_id)
