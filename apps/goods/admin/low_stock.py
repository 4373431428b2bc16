"""What runs out: a page of its own, a filter of the list of SKUs, and the ways from there to a movement."""

from typing import Any

from django.conf import settings
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.goods import selectors
from apps.goods.models import SKU

MOST_SHOWN = 500
MOST_FILTERED = 1000


class LowStockFilter(SimpleListFilter):
    title = _("low stock")
    parameter_name = "low"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("runs out"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The lowest of them by their keys: a database that reads in the order of the list would read every SKU."""
        if self.value() != "1":
            return queryset
        lowest = selectors.low_stock().order_by("stock", "pk")
        return queryset.filter(pk__in=list(lowest.values_list("pk", flat=True)[:MOST_FILTERED]))


def movement_links(sku: SKU) -> SafeString:
    return format_html(
        '<a href="{}?sku={}">{}</a> <a href="{}?sku={}">{}</a>',
        reverse("admin:goods_stockmovement_add"),
        sku.pk,
        _("Receive"),
        reverse("admin:goods_stockmovement_correct"),
        sku.pk,
        _("Correct"),
    )


def low_stock_page(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The SKUs on sale that run out, the lowest first."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    lowest = selectors.low_stock().order_by("stock", "pk")
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": _("Low stock"),
        "count": selectors.low_stock_count(),
        "skus": [(sku, movement_links(sku)) for sku in lowest[:MOST_SHOWN]],
        "most": MOST_SHOWN,
        "threshold": settings.LOW_STOCK_AT,
        "may_move": request.user.has_perm("goods.add_stockmovement"),
    }
    return TemplateResponse(request, "admin/goods/sku/low.html", context)
