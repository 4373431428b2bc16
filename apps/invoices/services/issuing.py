"""What an operator does: record what the tax software issued."""

from decimal import Decimal

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.private_files import private_storage
from apps.core.transactions import retry_lost_transactions
from apps.invoices.exceptions import (
    AmountChanged,
    NotInvoiceable,
    NotIssued,
    NotWaiting,
    NumberTaken,
)
from apps.invoices.models import Deduction, Invoice, InvoiceEvent
from apps.invoices.models.invoices import pdf_name
from apps.invoices.models.pdf import read_pdf
from apps.invoices.selectors import succeeded_refunds
from apps.invoices.services.ledger import fresh, lock_order, note
from apps.notifications.models import Event as Told
from apps.orders.models import OrderInfo
from apps.orders.services import tell_buyer
from apps.payment.models import Payment, Refund
from apps.users.models import User

Event = InvoiceEvent.Kind


def record_issued(
    invoice_id: int,
    *,
    number: str,
    amount: Decimal,
    by: User,
    code: str = "",
    pdf: File | None = None,
) -> Invoice:
    """Record that a request was issued as ``number`` over ``amount`` (CNY yuan): exactly once, whoever tries.

    Raises NotWaiting to who comes too late, AmountChanged if refunds have made it another amount, NotInvoiceable if
    nothing is left, NumberTaken; ValidationError if ``pdf`` is none. Then nothing is kept, the file neither.
    """
    stored = _store(Invoice.objects.get(pk=invoice_id), pdf) if pdf else ""
    try:
        return _issue(invoice_id, number=number, code=code, amount=amount, by=by, pdf=stored)
    except IntegrityError as exc:
        _discard(stored)
        if Invoice.objects.filter(code=code, number=number).exists():
            raise NumberTaken from exc
        raise
    except BaseException:
        _discard(stored)
        raise


def attach_pdf(invoice_id: int, pdf: File, *, by: User) -> None:
    """Keep the PDF of an issued invoice, in place of the one that is there. Raises NotIssued, ValidationError."""
    invoice = Invoice.objects.get(pk=invoice_id)
    if not invoice.is_issued:  # and it never ceases to be
        raise NotIssued(state=invoice.state)
    stored = _store(invoice, pdf)
    with transaction.atomic():
        Invoice.objects.filter(pk=invoice_id).update(pdf=stored, update_time=timezone.now())
        note(invoice, Event.PDF, by=by)


@retry_lost_transactions
@transaction.atomic(durable=True)
def _issue(
    invoice_id: int, *, number: str, code: str, amount: Decimal, by: User, pdf: str
) -> Invoice:
    order, payment = lock_order(Invoice.objects.get(pk=invoice_id).order_id)
    invoice = fresh(invoice_id)
    if not invoice.is_requested or payment is None:
        raise _too_late(invoice)
    refunds = _refunds_of(invoice, payment)
    due = invoice.amount
    if invoice.kind == Invoice.Kind.BLUE:
        due = payment.amount - sum((refund.amount for refund in refunds), Decimal("0.00"))
        if order.status == OrderInfo.Status.CANCELED:
            raise NotInvoiceable("canceled", order_status=order.status)
        if due <= 0:
            raise NotInvoiceable("refunded", order_status=order.status)
    elif not refunds:
        raise NotInvoiceable("refund_undone", order_status=order.status)
    if amount != due:
        raise AmountChanged(due)
    written = {"number": number, "code": code, "amount": due, "pdf": pdf}
    if not Invoice.objects.issue(invoice_id, issued_by=by, issued_at=timezone.now(), **written):
        raise _too_late(fresh(invoice_id))
    note(invoice, Event.ISSUED, by=by, details=f"{code} {number}".strip())
    if invoice.original is None:
        Deduction.objects.bulk_create([Deduction(refund=each, invoice=invoice) for each in refunds])
        tell_buyer(Told.INVOICE_ISSUED, order.pk, {"invoice_number": number})
    else:
        _reverse(invoice.original, by=by)
    return fresh(invoice_id)


def _refunds_of(invoice: Invoice, payment: Payment) -> list[Refund]:
    """What has gone back of the order; of a red one, the refund it is about, if that still stands."""
    gone = succeeded_refunds(payment)
    if invoice.kind == Invoice.Kind.BLUE:
        return gone
    own = set(invoice.deductions.values_list("refund_id", flat=True))
    return [refund for refund in gone if refund.pk in own]


def _reverse(blue: Invoice, *, by: User) -> None:
    """A blue invoice of which red letters have taken back all does not hold any more."""
    issued = blue.red_letters.filter(state=Invoice.State.ISSUED).values_list("amount", flat=True)
    if sum(issued) == blue.amount and Invoice.objects.take_back(blue.pk):
        note(blue, Event.REVERSED, by=by)


def _too_late(invoice: Invoice) -> NotWaiting:
    by = invoice.issued_by.get_username() if invoice.issued_by else ""
    return NotWaiting(state=invoice.state, number=invoice.number or "", by=by)


def _store(invoice: Invoice, pdf: File) -> str:
    return private_storage().save(pdf_name(invoice, ""), read_pdf(pdf))


def _discard(stored: str) -> None:
    if stored:
        private_storage().delete(stored)
