"""The page on which one order is recorded as handed over, and what is shown of its life and its parcel."""

from typing import cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ShopInline
from apps.core.exceptions import DomainError
from apps.orders import services
from apps.orders.exceptions import HeldBack
from apps.orders.models import Carrier, OrderEvent, OrderInfo, Shipment
from apps.orders.models.shipping import LONGEST_NUMBER, validate_tracking_number
from apps.orders.selectors import Hold, holds
from apps.users.models import User


class LookedAtInline(ShopInline):
    can_delete = False
    extra = 0  # of a row that may be there once Django shows an empty form, whoever may add it

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class OrderEventInline(LookedAtInline):
    model = OrderEvent
    fields = ["at", "step", "from_status", "to_status", "actor", "reason"]
    readonly_fields = ["at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderEvent]:
        return super().get_queryset(request).select_related("actor")

    @admin.display(description=_("when"))
    def at(self, event: OrderEvent) -> str:
        return f"{timezone.localtime(event.create_time):%Y-%m-%d %H:%M:%S}"


class ShipmentInline(LookedAtInline):
    model = Shipment
    fields = ["carrier", "number", "state", "shipped_by", "create_time"]
    readonly_fields = ["create_time"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shipment]:
        return super().get_queryset(request).select_related("carrier", "shipped_by")


class ShipForm(forms.Form):
    carrier = forms.ModelChoiceField(label=_("carrier"), queryset=Carrier.objects.in_use())
    number = forms.CharField(
        label=_("tracking number"),
        max_length=LONGEST_NUMBER,
        validators=[validate_tracking_number],
    )


def ship_page(admin: ModelAdmin, request: HttpRequest, order_id: str) -> HttpResponse:
    """Ask for carrier and tracking number, and ship; whoever comes second is told where the order stands."""
    if not may_ship(request):
        raise PermissionDenied
    order = get_object_or_404(OrderInfo, pk=order_id)
    form = ShipForm(request.POST or None)
    if form.is_valid():
        try:
            shipment = services.ship_order(order.pk, by=operator(request), **form.cleaned_data)
        except HeldBack as refusal:
            messages.error(request, said_of(refusal.hold))
        except DomainError as refusal:
            messages.error(request, str(refusal.detail))
        else:
            messages.success(request, gettext("Shipped: %(shipment)s") % {"shipment": shipment})
        return redirect("admin:orders_orderinfo_change", order.pk)
    if request.method != "POST" and not order.is_to_be_shipped:
        messages.error(request, str(services.refusal(order.pk).detail))
        return redirect("admin:orders_orderinfo_change", order.pk)
    if hold := holds([order.pk]).get(order.pk):
        messages.error(request, said_of(hold))
        return redirect("admin:orders_orderinfo_change", order.pk)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": gettext("Ship"),
        "order": order,
        "form": form,
    }
    return TemplateResponse(request, "admin/orders/orderinfo/ship.html", context)


def said_of(hold: Hold) -> SafeString:
    """Why an order is not shipped now, with the way to where that ends."""
    opts = hold.about._meta
    page = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[hold.about.pk])
    return format_html('{} <a href="{}">{}</a>', hold.reason, page, hold.about)


def may_ship(request: HttpRequest) -> bool:
    return request.user.has_perm("orders.add_shipment")


def operator(request: HttpRequest) -> User:
    return cast("User", request.user)  # nobody is anonymous in the admin
