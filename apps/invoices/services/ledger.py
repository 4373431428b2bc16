"""What every step of an invoice is made of: one lock for each order, and a line about who did what."""

from typing import Any

from apps.invoices.models import Invoice, InvoiceEvent
from apps.payment.models import Payment
from apps.users.models import User


def lock_settlement(order_id: str) -> Payment | None:
    """The payment that settles an order, locked to the end of the transaction; None while nothing does.

    Every step of an order's invoices takes this lock first, and so does whatever lets a refund succeed: one after the
    other they see what the one before has done.
    """
    return Payment.objects.select_for_update().filter(settles=order_id).first()


def note(invoice: Invoice, kind: InvoiceEvent.Kind, *, by: User | None, details: str = "") -> None:
    InvoiceEvent.objects.create(invoice=invoice, kind=kind, by=by, note=details)


def fresh(invoice_id: int) -> Invoice:
    """The invoice as it is now; call it with the order's settlement locked."""
    return Invoice.objects.select_related("order", "issued_by", "original").get(pk=invoice_id)


def open_invoice(by: User | None, **columns: Any) -> Invoice:
    """Write a request down."""
    invoice = Invoice.objects.create(**columns)
    note(invoice, InvoiceEvent.Kind.REQUESTED, by=by, details=str(invoice.amount))
    return invoice
