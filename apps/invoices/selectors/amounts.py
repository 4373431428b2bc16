"""What an invoice has to be about: what was paid for the order, less what has gone back by now."""

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Round

from apps.invoices.models import Invoice
from apps.orders.models import OrderInfo
from apps.payment.models import Payment, Refund

MONEY = models.DecimalField(max_digits=12, decimal_places=2)
NOTHING = Value(Decimal("0.00"), output_field=MONEY)


def succeeded_refunds(payment: Payment) -> list[Refund]:
    return list(payment.refunds.filter(state=Refund.State.SUCCEEDED))


def amount_due(payment: Payment) -> Decimal:
    """CNY yuan that are left of a settling payment once every refund that succeeded is taken off.

    Money on its way back counts when it has arrived: until then it may come to nothing.
    """
    gone = sum((refund.amount for refund in succeeded_refunds(payment)), Decimal("0.00"))
    return payment.amount - gone


def with_due(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Each blue one tells as ``due`` what it would have to be about now; null for a red one, which never changes."""
    paid = Payment.objects.filter(settles=OuterRef("order")).values("amount")
    # SQLite adds up in binary fractions; rounded to the fen the difference is exact there too.
    due = Round(
        Subquery(paid, output_field=MONEY) - _refunded("order"), precision=2, output_field=MONEY
    )
    blue = models.When(kind=Invoice.Kind.BLUE, then=due)
    return invoices.annotate(due=models.Case(blue, output_field=MONEY))


def due_of(invoice: Invoice) -> Decimal:
    """What one has to be issued for as things stand, CNY yuan."""
    payment = Payment.objects.filter(settles=invoice.order_id).first()
    if invoice.kind == Invoice.Kind.RED or payment is None:
        return invoice.amount
    return amount_due(payment)


def outdated_requests() -> QuerySet[Invoice]:
    """Requests whose order was canceled or whose amount is no longer right; reds whose refund came back."""
    waiting = with_due(Invoice.objects.requested())
    blue = Q(kind=Invoice.Kind.BLUE) & (
        ~Q(amount=F("due")) | Q(order__status=OrderInfo.Status.CANCELED)
    )
    arrived = Q(deductions__refund__state=Refund.State.SUCCEEDED)
    return waiting.filter(blue | Q(kind=Invoice.Kind.RED) & ~arrived).order_by("pk")


def refunds_without_red(*, since: datetime | None = None) -> QuerySet[Refund]:
    """Refunds that no invoice of their order knows of, although one was issued; ``since``: only those that say they
    arrived after that.
    """
    unknown = Refund.objects.filter(
        state=Refund.State.SUCCEEDED,
        payment__settles__live_invoice__state=Invoice.State.ISSUED,
        invoiced__isnull=True,
    )
    return unknown.filter(succeeded_at__gte=since) if since else unknown


def _refunded(order: str) -> Coalesce:
    gone = Refund.objects.filter(payment__settles=OuterRef(order), state=Refund.State.SUCCEEDED)
    total = gone.order_by().values("payment").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total, output_field=MONEY), NOTHING, output_field=MONEY)
