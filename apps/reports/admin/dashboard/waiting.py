"""What waits for somebody: a number for each list, which leads to the rows that it counts."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.goods.selectors import low_stock_count
from apps.orders.models import Status
from apps.payment.selectors import last_audit as find_last_audit
from apps.reports.selectors import waiting as counted


def waiting(request: HttpRequest) -> list[dict[str, Any]] | None:
    may_see = request.user.has_perm
    tiles: list[dict[str, Any]] = []
    if may_see("orders.view_orderinfo"):
        tiles += _orders()
    if may_see("after_sales.view_aftersale"):
        states = {"state__in": ",".join(counted.OPEN_AFTER_SALES)}
        tiles += _tile(
            _("Open after-sales"), counted.open_after_sales(), "after_sales_aftersale", states
        )
    if may_see("invoices.view_invoice"):
        tiles += _tile(
            _("Invoices to issue"),
            counted.invoices_to_issue(),
            "invoices_invoice",
            {"state__exact": "requested"},
        )
    if may_see("goods.view_sku"):
        tiles += _tile(_("SKUs low in stock"), low_stock_count(), "goods_sku_low", alarms=True)
    if may_see("payment.view_difference"):
        tiles += _tile(
            _("Reconciliation differences"),
            counted.open_differences(),
            "payment_difference",
            {"state__exact": "open"},
            alarms=True,
        )
    if may_see("notifications.view_message"):
        tiles += _tile(
            _("Messages not delivered"),
            counted.undelivered_messages(),
            "notifications_message",
            {"state__in": "queued,sending,failed,gave_up"},
            alarms=True,
        )
    return tiles or None


def last_audit(request: HttpRequest) -> dict[str, Any] | None:
    if not request.user.has_perm("payment.view_auditrun"):
        return None
    run = find_last_audit()
    return {"run": run, "link": run and reverse("admin:payment_auditrun_change", args=[run.pk])}


def _orders() -> Iterator[dict[str, Any]]:
    yield from _tile(
        _("Orders to ship"),
        counted.orders_to_ship(),
        "orders_orderinfo",
        {"status__exact": Status.UNSEND.value},
    )
    until = counted.expiring_until()
    yield from _tile(
        _("Unpaid, expiring within 10 minutes"),
        counted.orders_about_to_expire(until),
        "orders_orderinfo",
        {"status__exact": Status.UNPAID.value, "expires_at__lte": until.isoformat()},
    )


def _tile(
    title: Any,
    count: str,
    page: str,
    asked: dict[str, Any] | None = None,
    *,
    alarms: bool = False,
) -> Iterator[dict[str, Any]]:
    """``alarms``: a number other than 0 is something that went wrong."""
    name = page if asked is None else f"{page}_changelist"
    yield {
        "title": title,
        "count": count,
        "link": reverse(f"admin:{name}") + (f"?{urlencode(asked)}" if asked else ""),
        "tone": "" if count == "0" else "alarm" if alarms else "busy",
    }
