from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.core.admin import AMOUNTS, AmountRangeFilter, DayRangeFilter
from apps.core.private_files import download
from apps.invoices.admin.exporting import requests_workbook
from apps.invoices.admin.recording import may_issue, pdf_page, record_page
from apps.invoices.admin.sheets import sheet_page
from apps.invoices.models import Invoice, InvoiceEvent
from apps.invoices.selectors import due_of
from apps.payment.admin.base import ReadOnlyAdmin, ReadOnlyInline, operator, with_seconds


class InvoiceEventInline(ReadOnlyInline):
    model = InvoiceEvent
    guarded: ClassVar = {"note": AMOUNTS}
    fields = ["at", "kind", "by", "note"]
    readonly_fields = ["at"]
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[InvoiceEvent]:
        return super().get_queryset(request).select_related("by")

    # Seen by whoever sees the invoice.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("invoices.view_invoice")

    @admin.display(description=_("when"))
    def at(self, event: InvoiceEvent) -> str:
        return with_seconds(event.create_time)


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    """Who may change invoices exports what is requested and records what was issued; nobody writes rows by hand."""

    guarded: ClassVar = {"due": AMOUNTS, "pdf_link": AMOUNTS}
    change_list_template = "admin/invoices/invoice/change_list.html"
    change_form_template = "admin/invoices/invoice/change_form.html"
    list_display = ["order_number", "kind", "state", "amount", "title", "number", "create_time"]
    export_columns: ClassVar = [
        "title_kind",
        "name",
        "tax_number",
        "code",
        "original__number",
        "issued_at",
        "issued_by",
        "email",
        "address",
        "phone",
    ]
    export_without: ClassVar = ["title"]
    list_display_links = ["order_number"]
    list_keyset = True
    list_filter = [
        "state",
        "kind",
        "title_kind",
        ("create_time", DayRangeFilter),
        ("issued_at", DayRangeFilter),
        ("amount", AmountRangeFilter),
    ]
    search_fields = ["=order__order_id", "=number", "=tax_number", "name"]
    search_whole_first = True
    fieldsets = [
        (None, {"fields": ["order_link", "kind", "original", "state", "amount", "due"]}),
        (_("Title"), {"fields": ["title_kind", "name", "tax_number", "email"]}),
        (_("More of the title"), {"fields": ["bank", "account", "address", "phone"]}),
        (_("Issued"), {"fields": ["number", "code", "issued_at", "issued_by", "pdf_link"]}),
    ]
    readonly_fields = ["order_link", "due", "pdf_link"]
    inlines = [InvoiceEventInline]
    actions = ["export"]

    def has_issue_permission(self, request: HttpRequest) -> bool:
        """Nobody issues over amounts that he does not see."""
        return may_issue(request)

    @admin.display(description=_("order number"))
    def order_number(self, invoice: Invoice) -> str:
        return invoice.order_id

    @admin.display(description=pgettext_lazy("invoice", "title"))
    def title(self, invoice: Invoice) -> SafeString:
        return format_html("{}<br>{}", invoice.name, invoice.tax_number)

    @admin.display(description=_("order"))
    def order_link(self, invoice: Invoice) -> SafeString:
        page = reverse("admin:orders_orderinfo_change", args=[invoice.order_id])
        return format_html('<a href="{}">{}</a>', page, invoice.order_id)

    @admin.display(description=_("to be issued for"))
    def due(self, invoice: Invoice) -> str:
        """What is left after refunds at this moment; the job writes it into the amount within a minute."""
        if not invoice.is_requested:
            return self.get_empty_value_display()
        return str(due_of(invoice))

    @admin.display(description=_("PDF"))
    def pdf_link(self, invoice: Invoice) -> SafeString | str:
        if not invoice.pdf:
            return self.get_empty_value_display()
        page = reverse("admin:invoices_invoice_pdf", args=[invoice.pk])
        return format_html('<a href="{}">{}</a>', page, _("Download"))

    @admin.action(
        description=_("Export what is requested, for the tax software"), permissions=["issue"]
    )
    def export(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> HttpResponseBase | None:
        waiting = queryset.filter(state=Invoice.State.REQUESTED)
        return self._export(request, waiting)

    def export_all(self, request: HttpRequest) -> HttpResponseBase:
        """All that wait, however many pages of them there are."""
        if not self.has_issue_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return self._export(request, Invoice.objects.requested()) or redirect(
            "admin:invoices_invoice_changelist"
        )

    def _export(self, request: HttpRequest, waiting: QuerySet[Invoice]) -> FileResponse | None:
        count = waiting.count()
        if not count:
            self.message_user(
                request, gettext("None of these waits to be issued."), messages.WARNING
            )
            return None
        LogEntry.objects.create(
            user_id=operator(request).pk,
            content_type=ContentType.objects.get_for_model(Invoice),
            object_repr=str(self.opts.verbose_name_plural),
            action_flag=CHANGE,
            change_message=gettext("Exported for the tax software: %(count)d") % {"count": count},
        )
        return requests_workbook(waiting)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("export/", wrap(self.export_all), name="invoices_invoice_export"),
            path("sheet/", wrap(self.sheet), name="invoices_invoice_sheet"),
        ]
        for name, page in {"record": self.record, "attach": self.attach, "pdf": self.pdf}.items():
            address = f"<int:invoice_id>/{name}/"
            own.append(path(address, wrap(page), name=f"invoices_invoice_{name}"))
        return [*own, *super().get_urls()]

    def sheet(self, request: HttpRequest) -> HttpResponse:
        return sheet_page(self, request)

    def record(self, request: HttpRequest, invoice_id: int) -> HttpResponse:
        return record_page(self, request, self._for_issuing(request, invoice_id))

    def attach(self, request: HttpRequest, invoice_id: int) -> HttpResponse:
        return pdf_page(self, request, self._for_issuing(request, invoice_id))

    def pdf(self, request: HttpRequest, invoice_id: int) -> FileResponse:
        if not (self.has_view_permission(request) and request.user.has_perm(AMOUNTS)):
            raise PermissionDenied
        invoice = get_object_or_404(Invoice, pk=invoice_id)
        if not invoice.pdf:
            raise Http404
        return download(invoice.pdf, filename=f"{invoice}.pdf")

    def _for_issuing(self, request: HttpRequest, invoice_id: int) -> Invoice:
        if not self.has_issue_permission(request):
            raise PermissionDenied
        return get_object_or_404(Invoice, pk=invoice_id)
