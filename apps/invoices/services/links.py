"""Addresses under which an invoice's PDF can be had for a few minutes, by a browser that sends no token."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from apps.invoices.models import Invoice

SECONDS = 300
SALT = "invoices.pdf"


def pdf_link(invoice: Invoice) -> str | None:
    """An absolute address that ends after ``SECONDS``; None without a PDF. Give it to who may see the invoice."""
    if not invoice.pdf:
        return None
    token = signing.dumps([invoice.pk, invoice.pdf.name], salt=SALT)
    return f"{settings.SITE_URL}{reverse('invoice-pdf', args=[token])}"


def invoice_of(token: str) -> Invoice | None:
    """The invoice whose PDF an address leads to; None if it is forged or has ended, or the PDF is another one now."""
    try:
        invoice_id, name = signing.loads(token, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    return Invoice.objects.filter(pk=invoice_id, pdf=name).first()
