"""The page on which one chooses columns and the type of the file."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin.exporting import TICKED
from apps.core.spreadsheets import CSV_TYPE, XLSX_TYPE
from apps.exports import services
from apps.exports.admin.names import file_name
from apps.exports.exceptions import FilterRefused, NotExportable, TooManyExports
from apps.exports.models import Export
from apps.exports.selectors import Listing, listing, offered_columns
from apps.exports.selectors.lists import chosen_by

MOST_TICKED = 1000


class ColumnsForm(forms.Form):
    """Only what this operator may have can be chosen; anything else is no choice."""

    columns = forms.MultipleChoiceField(label=_("columns"), widget=forms.CheckboxSelectMultiple)
    kind = forms.ChoiceField(
        label=_("file type"),
        choices=Export.Kind.choices,
        widget=forms.RadioSelect,
        help_text=_("In a .csv that Excel opens, long numbers lose their last digits."),
    )

    def __init__(self, offered: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns: Any = self.fields["columns"]
        columns.choices = [(name, column.title) for name, column in offered.items()]


def choosing_page(
    model_admin: admin.ModelAdmin, request: HttpRequest, app_label: str, model_name: str
) -> HttpResponseBase:
    """Columns and type of a list, which is the one behind this address; then the file, or the page of its progress."""
    ticked = request.GET.get(TICKED, "")
    asked: dict[str, Any] = {
        "model": f"{app_label}.{model_name}",
        "query": chosen_by(request.META["QUERY_STRING"]).urlencode(),
        "ticked": ticked.split(",")[:MOST_TICKED] if ticked else [],
    }
    try:
        listed = listing(request.user, **asked)
    except NotExportable:
        raise PermissionDenied from None
    except FilterRefused as refusal:
        messages.error(request, str(refusal.detail))
        return redirect(f"admin:{app_label}_{model_name}_changelist")
    offered = offered_columns(listed)
    initial = {"columns": _remembered(request, asked["model"]) or list(offered), "kind": "xlsx"}
    form = ColumnsForm(offered, request.POST or None, initial=initial)
    count = listed.count(at_most=services.SHORT + 1)
    if form.is_valid():
        asked |= form.cleaned_data
        if count <= services.SHORT:
            return _handed_out(listed, asked)
        try:
            return redirect(
                "admin:exports_export_progress", services.order_export(listed, **asked).pk
            )
        except TooManyExports as refusal:
            form.add_error(None, str(refusal.detail))
    back = reverse(f"admin:{app_label}_{model_name}_changelist")
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": gettext("Export: %(list)s") % {"list": listed.admin.opts.verbose_name_plural},
        "form": form,
        "count": count,
        "short": services.SHORT,
        "back": f"{back}?{asked['query']}",
    }
    return TemplateResponse(request, "admin/exports/export/new.html", context)


def _handed_out(listed: Listing, asked: dict[str, Any]) -> HttpResponseBase:
    export = services.begin_direct(listed, **asked)
    headers = {"Cache-Control": "private, no-store"}
    name = file_name(export)
    if export.kind == Export.Kind.CSV:
        headers["Content-Disposition"] = content_disposition_header(True, name) or ""
        pieces = services.csv_of(export, listed)
        return StreamingHttpResponse(pieces, content_type=CSV_TYPE, headers=headers)
    file = services.workbook_of(export, listed)
    return FileResponse(
        file, as_attachment=True, filename=name, content_type=XLSX_TYPE, headers=headers
    )


def _remembered(request: HttpRequest, model: str) -> list[str]:
    """The columns that this operator chose last time."""
    last = Export.objects.filter(operator=request.user.pk, model=model).order_by("-pk").first()
    return last.columns if last else []
