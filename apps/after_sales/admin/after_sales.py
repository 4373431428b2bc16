from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.after_sales.admin.deciding import DEEDS, deeds
from apps.after_sales.models import (
    AfterSale,
    AfterSaleEvent,
    AfterSaleLine,
    AfterSalePicture,
)
from apps.after_sales.models.after_sales import MONEY
from apps.core.admin import AMOUNTS, DayRangeFilter
from apps.core.admin.history import recorded
from apps.core.pictures import LARGEST_SIDE, name_of_size
from apps.core.private_files import show_picture
from apps.payment.admin.base import ReadOnlyAdmin, ReadOnlyInline, with_seconds

THUMBNAIL = 240


class SeenWithTheRequest(ReadOnlyInline):
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("after_sales.view_aftersale")


class AfterSaleLineInline(SeenWithTheRequest):
    model = AfterSaleLine
    guarded: ClassVar = {"cost": AMOUNTS}
    fields = ["line", "count", "cost", "sellable"]
    readonly_fields = ["cost"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AfterSaleLine]:
        return super().get_queryset(request).select_related("line")

    @admin.display(description=_("amount"))
    def cost(self, line: AfterSaleLine) -> str:
        return str(line.amount)


class AfterSaleEventInline(SeenWithTheRequest):
    model = AfterSaleEvent
    fields = ["at", "from_state", "to_state", "by", "note"]
    readonly_fields = ["at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AfterSaleEvent]:
        return super().get_queryset(request).select_related("by")

    @admin.display(description=_("when"))
    def at(self, event: AfterSaleEvent) -> str:
        return with_seconds(event.create_time)


@admin.register(AfterSale)
class AfterSaleAdmin(ReadOnlyAdmin):
    """To look at: what is done about a request has its own page, and its own right. Nobody writes rows by hand."""

    guarded: ClassVar = {"amount_asked": AMOUNTS, "amount_approved": AMOUNTS}
    change_form_template = "admin/after_sales/aftersale/change_form.html"
    list_display = ["number", "kind", "standing", "reason", "amount_asked", "user", "create_time"]
    export_columns: ClassVar = ["order_id", "words", "amount_approved", "refund__out_request_no"]
    list_select_related = ["user"]
    list_keyset = True
    list_filter = ["state", "kind", ("create_time", DayRangeFilter)]
    search_fields = ["=number", "=order__order_id", "=user__username", "=user__mobile"]
    fields = [
        "number",
        "order_link",
        "user",
        "kind",
        "standing",
        "reason",
        "words",
        "pictures",
        "amount_asked",
        "amount_approved",
        "refund_link",
        "create_time",
    ]
    readonly_fields = ["standing", "pictures", "order_link", "refund_link", "create_time"]
    inlines = [AfterSaleLineInline, AfterSaleEventInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AfterSale]:
        return super().get_queryset(request).prefetch_related(MONEY)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, after_sale: AfterSale) -> str:
        return str(after_sale.standing.label)

    @admin.display(description=_("order"))
    def order_link(self, after_sale: AfterSale) -> SafeString:
        page = reverse("admin:orders_orderinfo_change", args=[after_sale.order_id])
        return format_html('<a href="{}">{}</a>', page, after_sale.order_id)

    @admin.display(description=_("refund"))
    def refund_link(self, after_sale: AfterSale) -> SafeString | str:
        if after_sale.refund is None:
            return self.get_empty_value_display()
        has_failed = after_sale.standing == AfterSale.Standing.REFUND_FAILED
        # Where it is given back otherwise, which the request follows.
        name = "replace" if has_failed else "change"
        page = reverse(f"admin:payment_refund_{name}", args=[after_sale.refund.pk])
        return format_html('<a href="{}">{}</a>', page, after_sale.refund)

    @admin.display(description=_("pictures"))
    def pictures(self, after_sale: AfterSale) -> SafeString | str:
        shown = (
            (_picture_page(each, LARGEST_SIDE), _picture_page(each, THUMBNAIL))
            for each in after_sale.pictures.all()
        )
        html = '<a href="{}"><img src="{}" style="height:96px" loading="lazy" alt=""></a>'
        return format_html_join(" ", html, shown) or self.get_empty_value_display()

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<int:after_sale_id>/{name}/",
                self.admin_site.admin_view(self._page),
                {"name": name},
                name=f"after_sales_aftersale_{name}",
            )
            for name in DEEDS
        ]
        picture = path(
            "<int:after_sale_id>/pictures/<int:pk>/<int:side>/",
            self.admin_site.admin_view(self.picture),
            name="after_sales_aftersale_picture",
        )
        return [*own, picture, *super().get_urls()]

    def picture(self, request: HttpRequest, after_sale_id: int, pk: int, side: int) -> FileResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        picture = get_object_or_404(AfterSalePicture, pk=pk, after_sale=after_sale_id)
        return show_picture(name_of_size(str(picture.image), side), picture.image.storage)

    def _page(self, request: HttpRequest, after_sale_id: int, name: str) -> HttpResponse:
        deed = DEEDS[name]
        if not request.user.has_perms(deed.rights):
            raise PermissionDenied
        after_sale = get_object_or_404(AfterSale, pk=after_sale_id)
        with recorded(AfterSale.objects.filter(pk=after_sale.pk), "state", "amount_approved"):
            return deed.page(self, request, after_sale)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["deeds"] = deeds(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)


def _picture_page(picture: AfterSalePicture, side: int) -> str:
    return reverse(
        "admin:after_sales_aftersale_picture", args=[picture.after_sale_id, picture.pk, side]
    )
