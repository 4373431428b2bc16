"""Pages for the printer: what to fetch for chosen orders, and the note that lies in each parcel."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext

from apps.core.admin import AMOUNTS
from apps.orders.models import OrderGoods, OrderInfo
from apps.orders.selectors import Hold, holds

MOST_ORDERS = 200


def chosen(
    admin: ModelAdmin, request: HttpRequest, orders: QuerySet[OrderInfo]
) -> list[OrderInfo] | None:
    """The chosen orders, the oldest first; None if they are too many, which is said."""
    lined_up = orders.order_by("create_time", "order_id").prefetch_related("skus")
    found = list(lined_up[: MOST_ORDERS + 1])
    if len(found) <= MOST_ORDERS:
        return found
    said = gettext("At most %(count)d at once, please.") % {"count": MOST_ORDERS}
    admin.message_user(request, said, messages.ERROR)
    return None


def picking_list(request: HttpRequest, orders: Sequence[OrderInfo]) -> HttpResponse:
    """How many units of each SKU these orders hold together, by name; of those that are held, none is fetched."""
    free, held = _apart(orders)
    lines = OrderGoods.objects.filter(order__in=[order.pk for order in free])
    summed = lines.values("sku_id", "name", "specification").annotate(units=Sum("count"))
    context = {
        "orders": free,
        "held": held,
        "lines": summed.order_by("name", "specification", "sku_id"),
        "at": timezone.now(),
    }
    return TemplateResponse(request, "admin/orders/orderinfo/picking_list.html", context)


def delivery_notes(request: HttpRequest, orders: Sequence[OrderInfo]) -> HttpResponse:
    """A page for each order; prices only for whoever may see amounts. One that is held has none, but is named."""
    free, held = _apart(orders)
    context = {"orders": free, "held": held, "with_prices": request.user.has_perm(AMOUNTS)}
    return TemplateResponse(request, "admin/orders/orderinfo/delivery_notes.html", context)


def _apart(orders: Sequence[OrderInfo]) -> tuple[list[OrderInfo], Mapping[str, Hold]]:
    """Those that can leave the house, or have left, and those that something keeps there."""
    held = holds([order.pk for order in orders if order.is_to_be_shipped])
    return [order for order in orders if order.pk not in held], held
