"""The pages on which an operator records what the tax software issued, and gives its PDF."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.files.base import File
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import AMOUNTS
from apps.core.admin.history import recorded
from apps.invoices import services
from apps.invoices.exceptions import AmountChanged, NumberTaken
from apps.invoices.models import Invoice
from apps.invoices.models.invoices import code_validator, number_validator
from apps.invoices.models.pdf import read_pdf
from apps.invoices.selectors import due_of
from apps.payment.admin.base import REFUSALS, operator, said_of

FEN = Decimal("0.01")
ISSUED = ("state", "number", "code", "amount", "pdf", "issued_by")
"""The columns that are written when an invoice is recorded as issued."""


class PDFField(forms.FileField):
    def __init__(self, **kwargs: Any) -> None:
        chooser = forms.FileInput(attrs={"accept": "application/pdf,.pdf"})
        super().__init__(label=_("PDF"), widget=chooser, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> File | None:
        upload: File | None = super().clean(data, initial)
        if upload:
            read_pdf(upload)
        return upload


class RecordForm(forms.Form):
    number = forms.CharField(
        label=_("invoice number"),
        help_text=_("20 digits of a fully digital invoice, 8 of an older one."),
        validators=[number_validator],
        max_length=20,
    )
    code = forms.CharField(
        label=_("invoice code"),
        help_text=_("Only invoices with 8 digits have one."),
        validators=[code_validator],
        max_length=12,
        required=False,
    )
    amount = forms.DecimalField(
        label=_("amount"),
        help_text=_("As it stands on the invoice, taxes included."),
        min_value=FEN,
        max_digits=10,
        decimal_places=2,
        localize=False,
    )
    pdf = PDFField(required=False, help_text=_("It may be given later, too."))


class PDFForm(forms.Form):
    pdf = PDFField()


def may_issue(request: HttpRequest) -> bool:
    return request.user.has_perms(["invoices.change_invoice", AMOUNTS])


def record_page(admin: ModelAdmin, request: HttpRequest, invoice: Invoice) -> HttpResponse:
    """Ask for number, amount and PDF, and record them; whoever comes second is shown what the first one did."""
    due = due_of(invoice)
    form = RecordForm(request.POST or None, request.FILES or None, initial={"amount": due})
    if form.is_valid():
        try:
            with recorded(Invoice.objects.filter(pk=invoice.pk), *ISSUED):
                issued = services.record_issued(
                    invoice.pk, by=operator(request), **form.cleaned_data
                )
        except AmountChanged as refusal:
            form.add_error("amount", said_of(refusal))
        except NumberTaken as refusal:
            form.add_error("number", said_of(refusal))
        except REFUSALS as refusal:
            messages.error(request, said_of(refusal))
            return _back(invoice)
        else:
            told = {"number": issued.number, "amount": issued.amount}
            # Without the amount: a row's history is read by who may not see it, too.
            admin.log_change(request, issued, gettext("Issued as %(number)s.") % told)
            messages.success(request, gettext("Issued as %(number)s over %(amount)s.") % told)
            return _back(invoice)
    return _page(admin, request, invoice, form, title=gettext("Record as issued"), due=due)


def pdf_page(admin: ModelAdmin, request: HttpRequest, invoice: Invoice) -> HttpResponse:
    form = PDFForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            with recorded(Invoice.objects.filter(pk=invoice.pk), "pdf"):
                services.attach_pdf(invoice.pk, form.cleaned_data["pdf"], by=operator(request))
        except REFUSALS as refusal:
            messages.error(request, said_of(refusal))
        else:
            admin.log_change(request, invoice, gettext("PDF attached."))
            messages.success(request, gettext("PDF attached."))
        return _back(invoice)
    return _page(admin, request, invoice, form, title=gettext("Attach the PDF"))


def _page(
    admin: ModelAdmin, request: HttpRequest, invoice: Invoice, form: forms.Form, **more: Any
) -> TemplateResponse:
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "invoice": invoice,
        "form": form,
        **more,
    }
    return TemplateResponse(request, "admin/invoices/invoice/record.html", context)


def _back(invoice: Invoice) -> HttpResponse:
    return redirect("admin:invoices_invoice_change", invoice.pk)
