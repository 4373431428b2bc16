"""What sold best, in the period that the address names."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.admin import AMOUNTS
from apps.reports import selectors
from apps.reports.admin.dashboard.figures import count_text, money_text, period_title

DEFAULT_DAYS = 7


def best_sellers(request: HttpRequest) -> dict[str, Any] | None:
    days = _chosen(request)
    user = request.user
    lists = []
    if user.has_perm("reports.view_bestsku"):
        pages = "admin:goods_sku_change" if user.has_perm("goods.view_sku") else ""
        lists.append(_list(_("Best-selling SKUs"), selectors.best_skus(days), pages))
    if user.has_perm("reports.view_bestcategory"):
        pages = "admin:goods_category_change" if user.has_perm("goods.view_category") else ""
        lists.append(_list(_("Best-selling categories"), selectors.best_categories(days), pages))
    if not lists:
        return None
    return {
        "lists": lists,
        "sees_amounts": user.has_perm(AMOUNTS),
        "choices": [(each, period_title(each), each == days) for each in selectors.PERIODS],
        "chosen": period_title(days),
    }


def _chosen(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return next((each for each in selectors.PERIODS if str(each) == asked), DEFAULT_DAYS)


def _list(title: Any, ranked: Any, page: str) -> dict[str, Any]:
    most = max((each.pieces for each in ranked), default=0)
    rows = [
        {
            "row": each,
            "pieces": count_text(each.pieces),
            "amount": money_text(each.amount),
            "link": page and reverse(page, args=[each.sold_id]),
            "share": round(100 * each.pieces / most),
        }
        for each in ranked
    ]
    return {"title": title, "rows": rows}
