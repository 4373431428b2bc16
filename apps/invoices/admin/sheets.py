"""The page on which the issued numbers of many requests are recorded: a spreadsheet, what it would do, and done."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin.history import recorded
from apps.core.spreadsheets import SpreadsheetRefused
from apps.invoices.admin.recording import ISSUED, may_issue
from apps.invoices.models import Invoice
from apps.invoices.services import sheets
from apps.payment.admin.base import operator, said_of

SECONDS = 3600
"""For which a preview can be confirmed."""


class SheetForm(forms.Form):
    file = forms.FileField(
        label=_("spreadsheet"),
        help_text=_(
            "The exported one, with the invoice numbers filled in: .xlsx or .csv, at most 500 rows."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


def sheet_page(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show what each row of an upload would do; when that is confirmed, do it and show what was refused."""
    if not may_issue(request):
        raise PermissionDenied
    if "plan" in request.POST:
        return _record(admin, request)
    form = SheetForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _page(admin, request, form=form)
    try:
        entries = sheets.read_sheet(form.cleaned_data["file"])
    except SpreadsheetRefused as refusal:
        form.add_error("file", said_of(refusal))
        return _page(admin, request, form=form)
    sound = [entry for entry in entries if not entry.refusal]
    return _page(
        admin,
        request,
        form=SheetForm(),
        entries=entries,
        sound=len(sound),
        plan=_signed(request, sound),
    )


def _record(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    try:
        planned = signing.loads(request.POST["plan"], salt=_salt(request), max_age=SECONDS)
    except signing.BadSignature:
        messages.error(request, gettext("This preview is too old. Please upload the file again."))
        return redirect("admin:invoices_invoice_sheet")
    entries = [
        sheets.Entry(row, order_id, number, code, Decimal(amount), invoice_id)
        for row, order_id, number, code, amount, invoice_id in planned
    ]
    meant = Invoice.objects.filter(pk__in=[entry.invoice_id for entry in entries])
    with recorded(meant, *ISSUED):
        outcome = sheets.record_sheet(entries, by=operator(request))
    done = [entry for entry in outcome if not entry.refusal]
    invoices = Invoice.objects.in_bulk([entry.invoice_id for entry in done])
    for entry in done:
        said = gettext("Issued as %(number)s.") % {"number": entry.number}
        admin.log_change(request, invoices[entry.invoice_id], said)
    count = len(done)
    said = ngettext("%(count)d invoice is recorded.", "%(count)d invoices are recorded.", count)
    messages.success(request, said % {"count": count})
    refused = [entry for entry in outcome if entry.refusal]
    if not refused:
        return redirect("admin:invoices_invoice_changelist")
    return _page(admin, request, form=SheetForm(), entries=refused)


def _signed(request: HttpRequest, entries: list[sheets.Entry]) -> str:
    rows = [
        [each.row, each.order_id, each.number, each.code, str(each.amount), each.invoice_id]
        for each in entries
    ]
    return signing.dumps(rows, salt=_salt(request), compress=True)


def _salt(request: HttpRequest) -> str:
    """Nobody confirms what somebody else has looked at."""
    return f"invoices.sheet.{request.user.pk}"


def _page(admin: ModelAdmin, request: HttpRequest, **more: Any) -> TemplateResponse:
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": gettext("Record from a spreadsheet"),
        **more,
    }
    return TemplateResponse(request, "admin/invoices/invoice/sheet.html", context)
