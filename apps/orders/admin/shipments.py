"""Carriers, and the parcels they carry."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import DayRangeFilter, ShopAdmin
from apps.core.admin.history import recorded
from apps.core.exceptions import DomainError
from apps.orders import services
from apps.orders.admin.shipping import LookedAtInline
from apps.orders.exceptions import NoNews, ParcelUnknown
from apps.orders.models import Carrier, Shipment, TrackingEvent


@admin.register(Carrier)
class CarrierAdmin(ShopAdmin):
    list_display = ["name", "code", "is_active", "sequence"]
    list_filter = ["is_active"]
    search_fields = ["name", "=code"]


class TrackingEventInline(LookedAtInline):
    model = TrackingEvent
    fields = ["at", "description"]


class ShipmentForm(ModelForm):
    class Meta:
        model = Shipment
        fields = ["carrier", "number"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "carrier" in self.fields:
            usable = Carrier.objects.filter(Q(is_active=True) | Q(pk=self.instance.carrier_id))
            self.fields["carrier"].queryset = usable  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Correct it: the admin's transaction is around this, and only here a refusal is shown beside the fields."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and self.has_changed():
            try:
                this = Shipment.objects.filter(pk=self.instance.pk)
                with recorded(this, "carrier", "number"):
                    services.correct_shipment(self.instance.pk, **cleaned)
            except DomainError as refusal:
                raise ValidationError(str(refusal.detail)) from refusal
        return cleaned


@admin.register(Shipment)
class ShipmentAdmin(ShopAdmin):
    """An order is shipped on its own page; until its parcel is delivered, a wrong number is corrected here."""

    form = ShipmentForm
    list_display = ["number", "carrier", "state", "order_number", "shipped_by", "create_time"]
    export_columns: ClassVar = ["order__province", "order__city", "order__district"]
    list_select_related = ["carrier", "shipped_by"]
    list_keyset = True
    list_filter = ["state", "carrier", ("create_time", DayRangeFilter)]
    search_fields = ["=order__order_id", "=number"]
    fieldsets = [
        (
            None,
            {"fields": ["order_link", "carrier", "number", "state", "shipped_by", "create_time"]},
        ),
        (_("Questions"), {"fields": ["queries", "asked_at", "next_query_at"]}),
    ]
    readonly_fields = [
        "order_link",
        "state",
        "shipped_by",
        "create_time",
        "queries",
        "asked_at",
        "next_query_at",
    ]
    change_form_template = "admin/orders/shipment/change_form.html"
    inlines = [TrackingEventInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shipment]:
        return super().get_queryset(request).select_related("carrier", "shipped_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        is_there = isinstance(obj, Shipment) and obj.state == Shipment.State.DELIVERED
        return not is_there and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Shipment, form: ModelForm, change: bool
    ) -> None:
        """The form has done it."""

    def get_urls(self) -> list[URLPattern]:
        ask = self.admin_site.admin_view(self.ask)
        own = path("<int:shipment_id>/ask/", ask, name="orders_shipment_ask")
        return [own, *super().get_urls()]

    def ask(self, request: HttpRequest, shipment_id: int) -> HttpResponse:
        """Have the carrier asked, and say what came of it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        shipment = get_object_or_404(Shipment, pk=shipment_id)
        if not self.has_change_permission(request, shipment):
            raise PermissionDenied
        level, said = _ask(shipment)
        self.message_user(request, said, level)
        self.log_change(request, shipment, said)
        return redirect("admin:orders_shipment_change", shipment.pk)

    @admin.display(description=_("order number"))
    def order_number(self, shipment: Shipment) -> str:
        return shipment.order_id

    @admin.display(description=_("order"))
    def order_link(self, shipment: Shipment) -> SafeString:
        page = reverse("admin:orders_orderinfo_change", args=[shipment.order_id])
        return format_html('<a href="{}">{}</a>', page, shipment.order_id)


def _ask(shipment: Shipment) -> tuple[int, str]:
    try:
        services.ask_now(shipment.pk)
    except DomainError as refusal:
        return messages.ERROR, str(refusal.detail)
    except ParcelUnknown as unknown:
        reason = {"reason": str(unknown)}
        return messages.WARNING, gettext("The carrier has no news: %(reason)s") % reason
    except NoNews as failure:
        reason = {"reason": str(failure)}
        return messages.ERROR, gettext("The carrier was not asked: %(reason)s") % reason
    shipment.refresh_from_db()
    state = {"state": shipment.get_state_display()}
    return messages.SUCCESS, gettext("The carrier says: %(state)s") % state
