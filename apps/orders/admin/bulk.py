"""The pages on which many orders are shipped: a sheet of those that wait, what it would do filled in, and done."""

from collections.abc import Iterator
from dataclasses import astuple
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.core.spreadsheets import (
    CSV_TYPE,
    MOST_ROWS,
    XLSX_TYPE,
    SpreadsheetRefused,
    write_csv,
    write_xlsx,
)
from apps.orders.admin.shipping import may_ship, operator
from apps.orders.models import OrderInfo
from apps.orders.selectors import holds
from apps.orders.services import shipping_sheets as sheets

SECONDS = 3600
"""For which a preview can be confirmed."""
ROWS_OF_A_PAGE = 200
ORDERS_AT_ONCE = 500
"""Each is a transaction of its own, and a browser waits; with the others one goes on by another click."""
IN_MEMORY = 1024 * 1024


class SheetForm(forms.Form):
    file = forms.FileField(
        label=_("spreadsheet (.xlsx or .csv)"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


def bulk_page(admin: ModelAdmin, request: HttpRequest) -> HttpResponseBase:
    """Show what each row of an upload would do; when that is confirmed, do it and show what came of it."""
    if not may_ship(request):
        raise PermissionDenied
    if "plan" in request.POST:
        return _go_on(admin, request)
    form = SheetForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _page(admin, request, form)
    try:
        entries = sheets.read_shipping_sheet(form.cleaned_data["file"])
    except SpreadsheetRefused as refusal:
        form.add_error("file", str(refusal.detail))
        return _page(admin, request, form)
    if not entries:
        form.add_error("file", gettext("No row has a carrier and a tracking number."))
        return _page(admin, request, form)
    return _page(admin, request, SheetForm(), entries)


def _go_on(admin: ModelAdmin, request: HttpRequest) -> HttpResponseBase:
    """With the rows that were looked at: turn to another page of them, ship them, or take the refused ones along."""
    try:
        rows = signing.loads(request.POST["plan"], salt=_salt(request), max_age=SECONDS)
    except signing.BadSignature:
        messages.error(request, gettext("This preview is too old. Please upload the file again."))
        return redirect("admin:orders_orderinfo_bulk")
    entries = [sheets.Entry(*row) for row in rows]
    if "xlsx" in request.POST or "csv" in request.POST:
        return _refused_file(entries, "xlsx" if "xlsx" in request.POST else "csv")
    if "ship" in request.POST:
        entries = _ship(request, entries)
    return _page(admin, request, SheetForm(), entries)


def _ship(request: HttpRequest, entries: list[sheets.Entry]) -> list[sheets.Entry]:
    waiting = [each for each in entries if each.is_waiting][:ORDERS_AT_ONCE]
    outcome = {each.row: each for each in sheets.ship_sheet(waiting, by=operator(request))}
    count = sum(each.is_done for each in outcome.values())
    said = ngettext("%(count)d order is shipped.", "%(count)d orders are shipped.", count)
    messages.success(request, said % {"count": count})
    if refused := len(outcome) - count:
        said = ngettext("%(count)d order was refused.", "%(count)d orders were refused.", refused)
        messages.error(request, said % {"count": refused})
    return [outcome.get(each.row, each) for each in entries]


def waiting_sheet(request: HttpRequest) -> FileResponse:
    """The orders that wait to be shipped, the oldest first, with carrier and tracking number to be filled in."""
    if not may_ship(request):
        raise PermissionDenied
    about = [_("placed"), _("receiver"), _("mobile"), _("address"), _("goods"), _("remark")]
    header = [*_titles(), *about]
    return _workbook("to-ship", header, _waiting())


def _waiting() -> Iterator[list[Any]]:
    waiting = OrderInfo.objects.filter(status=OrderInfo.Status.UNSEND).with_lines()
    lined_up = waiting.order_by("create_time", "order_id")[:MOST_ROWS].iterator(500)
    while some := list(islice(lined_up, 500)):
        yield from _rows(some)


def _rows(orders: list[OrderInfo]) -> Iterator[list[Any]]:
    held = holds([order.pk for order in orders])
    for order in orders:
        yield [
            order.pk,
            "",
            "",
            order.create_time,
            order.receiver,
            order.mobile,
            " ".join([order.province, order.city, order.district, order.place]),
            "\n".join(map(str, order.skus.all())),
            held[order.pk].reason if order.pk in held else "",
        ]


def _refused_file(entries: list[sheets.Entry], kind: str) -> HttpResponseBase:
    """The rows that were refused, to be corrected and uploaded again."""
    refused: Iterator[list[Any]] = (
        [each.order_id, each.carrier, each.number, each.row, each.refusal]
        for each in entries
        if each.refusal
    )
    header = [*_titles(), _("row"), _("reason")]
    if kind == "xlsx":
        return _workbook("not-shipped", header, refused)
    name = f"not-shipped-{timezone.localtime():%Y%m%d-%H%M%S}.csv"
    return StreamingHttpResponse(
        write_csv([str(title) for title in header], refused),
        content_type=CSV_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _workbook(name: str, header: list[Any], rows: Iterator[list[Any]]) -> FileResponse:
    file = cast("BinaryIO", SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  # the answer closes it
    write_xlsx([str(title) for title in header], rows, file)
    file.seek(0)
    name = f"{name}-{timezone.localtime():%Y%m%d-%H%M%S}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)


def _titles() -> list[Any]:
    return [titles[0] for titles in sheets.TITLES.values()]


def _salt(request: HttpRequest) -> str:
    """Nobody confirms what somebody else has looked at."""
    return f"orders.bulk.{request.user.pk}"


def _page(
    admin: ModelAdmin,
    request: HttpRequest,
    form: SheetForm,
    entries: list[sheets.Entry] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": gettext("Ship many orders"),
        "form": form,
        "most_rows": MOST_ROWS,
    }
    if entries is not None:
        page = Paginator(entries, ROWS_OF_A_PAGE).get_page(request.POST.get("page"))
        waiting = sum(each.is_waiting for each in entries)
        plan = signing.dumps(
            [astuple(each) for each in entries], salt=_salt(request), compress=True
        )
        context |= {
            "page": page,
            "plan": plan,
            "now": min(waiting, ORDERS_AT_ONCE),
            "waiting": waiting,
            "shipped": sum(each.is_done for each in entries),
            "refused": sum(bool(each.refusal) for each in entries),
        }
    return TemplateResponse(request, "admin/orders/orderinfo/bulk.html", context)
