"""An order in the back office shows its invoices."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.invoices.models import Invoice
from apps.payment.admin.base import ReadOnlyInline, with_seconds
from apps.payment.admin.orders import OrderWithMoneyAdmin


class InvoiceInline(ReadOnlyInline):
    model = Invoice
    fk_name = "order"
    fields = ["kind", "state", "name", "amount", "number", "issued"]
    readonly_fields = ["issued"]

    @admin.display(description=_("issued at"))
    def issued(self, invoice: Invoice) -> str:
        return with_seconds(invoice.issued_at)


OrderWithMoneyAdmin.inlines = [*OrderWithMoneyAdmin.inlines, InvoiceInline]
