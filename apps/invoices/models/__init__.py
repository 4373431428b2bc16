from apps.invoices.models.invoices import Deduction, Invoice, InvoiceEvent
from apps.invoices.models.titles import InvoiceTitle

__all__ = ["Deduction", "Invoice", "InvoiceEvent", "InvoiceTitle"]
