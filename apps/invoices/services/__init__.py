from apps.invoices.services.issuing import attach_pdf, record_issued
from apps.invoices.services.links import invoice_of, pdf_link
from apps.invoices.services.red_letters import (
    find_missed_red_letters,
    request_red_letters,
    update_requests,
)
from apps.invoices.services.requesting import request_invoice, withdraw_request
from apps.invoices.services.titles import add_title, delete_title, edit_title, set_default_title

__all__ = [
    "add_title",
    "attach_pdf",
    "delete_title",
    "edit_title",
    "find_missed_red_letters",
    "invoice_of",
    "pdf_link",
    "record_issued",
    "request_invoice",
    "request_red_letters",
    "set_default_title",
    "update_requests",
    "withdraw_request",
]
