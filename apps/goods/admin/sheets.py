"""Prices and stock by spreadsheet: the list to change, the preview of what was changed, and the button."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import record_changes
from apps.core.spreadsheets import MOST_BYTES, MOST_ROWS, Column, SpreadsheetRefused, write_xlsx
from apps.goods import services
from apps.goods.exceptions import SheetApplied, SheetOutdated
from apps.goods.models import SKU, StockSheet
from apps.goods.services.columns import OF_STOCK, sheet_columns
from apps.goods.services.columns import exported_rows as rows_of
from apps.goods.services.sheets import DESCRIBED, Change, Look, changes_of

if TYPE_CHECKING:
    from apps.goods.admin.skus import SKUAdmin
    from apps.users.models import User

IN_MEMORY = 1024 * 1024


class SheetForm(forms.Form):
    file = forms.FileField(label=_("spreadsheet (.xlsx or .csv)"), allow_empty_file=True)


def export(admin: "SKUAdmin", request: HttpRequest) -> FileResponse:
    """Every SKU with its prices and stock, to be changed and brought back."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    columns = sheet_columns(hidden=admin.hidden_from(request))
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the answer closes it
    write_xlsx([str(column.title) for column in columns], rows_of(columns), cast("Any", file))
    file.seek(0)
    name = f"sku-{timezone.localtime():%Y%m%d-%H%M}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


def upload_page(admin: "SKUAdmin", request: HttpRequest) -> HttpResponse:
    """Take a file and show what it would do, or which of its rows cannot be."""
    columns = _columns(admin, request)
    form = SheetForm(request.POST or None, request.FILES or None)
    look = Look()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            look = services.look_at_sheet(
                file, name=file.name, columns=columns, author=_operator(request)
            )
        except SpreadsheetRefused as refusal:
            form.add_error("file", str(refusal.detail))
        else:
            if look.sheet:
                return redirect("admin:goods_sku_sheet_preview", look.sheet.pk)
            if not look.problems:
                form.add_error("file", gettext("Nothing is to be changed by this spreadsheet."))
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": _("Prices and stock by spreadsheet"),
        "form": form,
        "columns": columns,
        "changes": look.changes,
        "problems": look.problems,
        "most_rows": MOST_ROWS,
        "most_megabytes": MOST_BYTES // 1024**2,
        "applied": StockSheet.objects.applied().select_related("author").defer("changes")[:10],
    }
    return TemplateResponse(request, "admin/goods/sku/sheet.html", context)


def preview_page(admin: "SKUAdmin", request: HttpRequest, sheet_id: int) -> HttpResponse:
    """What a sheet changes, row by row; and the button that does it, once."""
    allowed = {column.key for column in _columns(admin, request)}
    sheet = get_object_or_404(StockSheet, pk=sheet_id, author=_operator(request))
    changes = changes_of(sheet)
    if not all(_needed(change) <= allowed for change in changes):
        raise PermissionDenied
    outdated: list[tuple[int, str]] = []
    if request.method == "POST":
        try:
            services.apply_sheet(sheet.pk, author=_operator(request))
        except SheetApplied as refusal:
            messages.warning(request, str(refusal.detail))
            return redirect("admin:goods_sku_sheet")
        except SheetOutdated as refusal:
            messages.error(request, str(refusal.detail))
            outdated = refusal.extra["problems"]
        else:
            _log(request, changes)
            record_changes(SKU, map(_recorded, changes))
            said = gettext("%(count)d SKUs changed by %(file)s.")
            messages.success(request, said % {"count": len(changes), "file": sheet.name})
            return redirect("admin:goods_sku_changelist")
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": _("Preview"),
        "sheet": sheet,
        "changes": changes,
        "outdated": outdated,
    }
    return TemplateResponse(request, "admin/goods/sku/preview.html", context)


def _columns(admin: "SKUAdmin", request: HttpRequest) -> list[Column]:
    """Those that the operator may change."""
    hidden = admin.hidden_from(request)
    if not request.user.has_perm("goods.change_sku"):
        hidden |= set(DESCRIBED)
    if not request.user.has_perm("goods.add_stockmovement"):
        hidden |= OF_STOCK
    columns = sheet_columns(hidden=hidden)
    if {column.key for column in columns} <= {"id", "name"}:
        raise PermissionDenied
    return columns


def _needed(change: Change) -> set[str]:
    return {*change.after, *(["receipt"] if change.units else [])}


def _operator(request: HttpRequest) -> "User":
    return cast("User", request.user)


def _log(request: HttpRequest, changes: list[Change]) -> None:
    content_type = ContentType.objects.get_for_model(SKU)
    LogEntry.objects.bulk_create(
        (
            LogEntry(
                user_id=_operator(request).pk,
                content_type=content_type,
                object_id=str(change.sku_id),
                object_repr=change.name[:200],
                action_flag=CHANGE,
                change_message="; ".join(_said(change)),
            )
            for change in changes
        ),
        batch_size=500,
    )


def _said(change: Change) -> Iterator[str]:
    # Before and after are in the history, where cost prices are hidden from who may not see them.
    for title, _before, _after in change.described:
        yield title
    if change.units:
        yield f"{gettext('stock')}: {change.units:+d}"


def _recorded(change: Change) -> tuple[int, str, dict[str, list[str]]]:
    """For the history of the SKU: every column before and after."""
    values = {key: [str(change.before[key]), str(after)] for key, after in change.after.items()}
    return change.sku_id, change.name, values
