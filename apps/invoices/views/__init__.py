from apps.invoices.views.invoices import InvoicePDFView, OrderInvoiceView
from apps.invoices.views.titles import DefaultTitleView, TitleListView, TitleView

__all__ = [
    "DefaultTitleView",
    "InvoicePDFView",
    "OrderInvoiceView",
    "TitleListView",
    "TitleView",
]
