"""What a buyer does: ask for an invoice, ask for another title, take the request back."""

from django.db import transaction

from apps.core.exceptions import Missing
from apps.core.transactions import retry_lost_transactions
from apps.invoices.exceptions import AlreadyIssued, NotInvoiceable
from apps.invoices.models import Invoice, InvoiceEvent, InvoiceTitle
from apps.invoices.selectors import amount_due
from apps.invoices.services.ledger import lock_order, note, open_invoice
from apps.orders.models import OrderInfo
from apps.users.models import User

Status = OrderInfo.Status
PAID = (Status.UNSEND, Status.UNRECEIVED, Status.UNCOMMENT, Status.FINISHED)


@retry_lost_transactions
@transaction.atomic(durable=True)
def request_invoice(
    order: OrderInfo, *, title: InvoiceTitle, email: str = "", by: User
) -> tuple[Invoice, bool]:
    """Ask for an order's invoice; tells besides whether that is a new one. Raises NotInvoiceable, AlreadyIssued.

    Asked again it is the same one; with another title or e-mail it is changed until it is issued. An order that is
    paid on delivery has an invoice once its money was taken in.
    """
    order, payment = lock_order(order.pk)
    status = order.status
    wanted = {**title.snapshot, "email": email}
    live = Invoice.objects.filter(live_of=order.pk).first()
    if live and live.is_issued:
        return _changed(live, wanted, by=by), False
    if status == Status.CANCELED:
        raise NotInvoiceable("canceled", order_status=status)
    if payment is None or status not in PAID:
        raise NotInvoiceable("unpaid", order_status=status)
    amount = amount_due(payment)
    if amount <= 0:
        raise NotInvoiceable("refunded", order_status=status)
    if live:
        return _changed(live, wanted, by=by), False
    return open_invoice(by, order=order, live_of=order, amount=amount, **wanted), True


@retry_lost_transactions
@transaction.atomic(durable=True)
def withdraw_request(order: OrderInfo, *, by: User) -> None:
    """Take the request of an order back. Raises AlreadyIssued, and Missing if there is none."""
    lock_order(order.pk)
    live = Invoice.objects.filter(live_of=order.pk).first()
    if live is None:
        raise Missing
    if not Invoice.objects.cancel(live.pk):
        raise AlreadyIssued(state=live.state, number=live.number or "")
    note(live, InvoiceEvent.Kind.CANCELED, by=by)


def _changed(live: Invoice, wanted: dict[str, str], *, by: User) -> Invoice:
    if all(getattr(live, name) == value for name, value in wanted.items()):
        return live
    if not Invoice.objects.rewrite(live.pk, **wanted):
        raise AlreadyIssued(state=live.state, number=live.number or "")
    live.refresh_from_db()
    note(live, InvoiceEvent.Kind.CHANGED, by=by, details=live.name)
    return live
