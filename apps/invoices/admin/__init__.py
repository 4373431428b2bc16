from apps.invoices.admin.invoices import InvoiceAdmin
from apps.invoices.admin.orders import InvoiceInline
from apps.invoices.admin.titles import InvoiceTitleAdmin

__all__ = ["InvoiceAdmin", "InvoiceInline", "InvoiceTitleAdmin"]
