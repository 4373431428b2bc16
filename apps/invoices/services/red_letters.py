"""What follows from refunds by itself: red letters for what was issued, other amounts for what still waits.

Payment lies below and knows nothing of invoices, so refunds are looked for. None is missed: what tells a refund that is
dealt with is its Deduction row, not a time. The frequent job asks, by the index on ``succeeded_at``, for those of the
last days without such a row: one that commits late is still there in the next round. A provider may tell days late of
a refund that arrived long before; for those the nightly job goes through every invoice that holds, in batches.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.core.transactions import retry_lost_transactions
from apps.invoices.models import Deduction, Invoice, InvoiceEvent
from apps.invoices.selectors import amount_due, outdated_requests, refunds_without_red
from apps.invoices.services.ledger import fresh, lock_order, note, open_invoice
from apps.orders.models import OrderInfo
from apps.payment.models import Refund

RECENT = timedelta(days=3)
MOST = 1000
"""Rows that one round works off; the next one is a minute later."""
BATCH = 1000
"""Invoices whose refunds are asked for in one statement."""

logger = logging.getLogger(__name__)


def request_red_letters() -> int:
    """Request a red letter for every recent refund of an issued order that has none; how many there were."""
    recent = refunds_without_red(since=timezone.now() - RECENT).order_by("succeeded_at", "pk")
    return _each(recent.values_list("pk", flat=True)[:MOST], _request_red)


def find_missed_red_letters() -> int:
    """The same for every invoice that holds, however long ago its refund arrived; how many there were."""
    holding = Invoice.objects.filter(kind=Invoice.Kind.BLUE, state=Invoice.State.ISSUED)
    found = last = 0
    while batch := list(
        holding.filter(pk__gt=last).order_by("pk").values_list("pk", "order_id")[:BATCH]
    ):
        orders = [order_id for _, order_id in batch]
        missed = refunds_without_red().filter(payment__settles__in=orders).order_by("pk")
        found += _each(list(missed.values_list("pk", flat=True)), _request_red)
        last = batch[-1][0]
    return found


def update_requests() -> int:
    """Give requests the amount that is left after refunds, cancel those with nothing left; how many there were."""
    return _each(outdated_requests().values_list("pk", flat=True)[:MOST], _update)


def _each(ids: Iterable[int], act: Callable[[int], bool]) -> int:
    """One failing row does not keep the others waiting."""
    done = 0
    for each in list(ids):
        try:
            done += act(each)
        except Exception:
            logger.exception("%s failed for %s", act.__name__, each)
    return done


@retry_lost_transactions
@transaction.atomic(durable=True)
def _request_red(refund_id: int) -> bool:
    """False if there is one, or nothing to take back (any more). Its Deduction is unique: whoever tries, it is one."""
    order_id = Refund.objects.values_list("payment__settles", flat=True).get(pk=refund_id)
    lock_order(order_id)
    refund = Refund.objects.get(pk=refund_id)
    blue = Invoice.objects.filter(live_of=order_id, state=Invoice.State.ISSUED).first()
    is_known = Deduction.objects.filter(refund=refund).exists()
    if blue is None or is_known or refund.state != Refund.State.SUCCEEDED:
        return False
    copied = {name: getattr(blue, name) for name in ("title_kind", "email", *Invoice.COPIED)}
    red = open_invoice(
        None,
        kind=Invoice.Kind.RED,
        order_id=blue.order_id,
        original=blue,
        amount=refund.amount,
        **copied,
    )
    Deduction.objects.create(refund=refund, invoice=red)
    return True


@retry_lost_transactions
@transaction.atomic(durable=True)
def _update(invoice_id: int) -> bool:
    order, payment = lock_order(Invoice.objects.get(pk=invoice_id).order_id)
    invoice = fresh(invoice_id)
    if not invoice.is_requested or payment is None:
        return False
    if invoice.kind == Invoice.Kind.RED:
        return _drop_red(invoice)
    due = amount_due(payment)
    if due <= 0 or order.status == OrderInfo.Status.CANCELED:
        Invoice.objects.cancel(invoice_id)
        note(invoice, InvoiceEvent.Kind.CANCELED, by=None)
        return True
    if due == invoice.amount:
        return False
    Invoice.objects.rewrite(invoice_id, amount=due)
    note(invoice, InvoiceEvent.Kind.CHANGED, by=None, details=f"{invoice.amount} → {due}")
    return True


def _drop_red(red: Invoice) -> bool:
    """The money of its refund came back. Should that one arrive after all, it gets a red letter again."""
    if red.deductions.filter(refund__state=Refund.State.SUCCEEDED).exists():
        return False
    red.deductions.all().delete()
    Invoice.objects.cancel(red.pk)
    note(red, InvoiceEvent.Kind.CANCELED, by=None)
    return True
