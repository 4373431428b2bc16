"""What every step of an invoice is made of: one lock for each order, and a line about who did what."""

from typing import Any

from apps.invoices.models import Invoice, InvoiceEvent
from apps.orders.models import OrderInfo
from apps.payment.models import Payment
from apps.users.models import User


def lock_order(order_id: str) -> tuple[OrderInfo, Payment | None]:
    """An order and the payment that settles it, None while nothing does, locked to the end of the transaction.

    Every step of an order's invoices begins here: they come one after the other. Whoever cancels the order locks it,
    too, and whatever lets a refund succeed locks the payment. The order first, as everywhere.
    """
    order = OrderInfo.objects.select_for_update().get(pk=order_id)
    return order, Payment.objects.select_for_update().filter(settles=order).first()


def note(invoice: Invoice, kind: InvoiceEvent.Kind, *, by: User | None, details: str = "") -> None:
    InvoiceEvent.objects.create(invoice=invoice, kind=kind, by=by, note=details)


def fresh(invoice_id: int) -> Invoice:
    """The invoice as it is now; call it with the order locked."""
    return Invoice.objects.select_related("issued_by", "original").get(pk=invoice_id)


def open_invoice(by: User | None, **columns: Any) -> Invoice:
    """Write a request down."""
    invoice = Invoice.objects.create(**columns)
    note(invoice, InvoiceEvent.Kind.REQUESTED, by=by, details=str(invoice.amount))
    return invoice
