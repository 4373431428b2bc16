"""What the audit adds up: issued invoices less red letters against what was paid less what went back."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Round
from django.utils import timezone

from apps.invoices.models import Deduction, Invoice
from apps.invoices.selectors.amounts import MONEY, NOTHING, refunds_without_red
from apps.payment.models import Payment, Refund

Kind, State = Invoice.Kind, Invoice.State
LATEST = timedelta(days=1)
"""After this both jobs have been by."""


def invoice_differences() -> Iterator[str]:
    """Where blue − red is not paid − refunded, refund by refund, and what says to be taken back and is not."""
    yield from _blue_of_another_amount()
    yield from _red_of_another_amount()
    yield from _refunds_that_came_back()
    yield from _refunds_without_red()
    yield from _reversed_in_part()


def _blue_of_another_amount() -> Iterator[str]:
    paid = Payment.objects.filter(settles=OuterRef("order")).values("amount")
    known = _sum(Deduction.objects.filter(invoice=OuterRef("pk")), "invoice", "refund__amount")
    expected = Round(Subquery(paid, output_field=MONEY) - known, precision=2, output_field=MONEY)
    blue = Invoice.objects.filter(kind=Kind.BLUE, state__in=[State.ISSUED, State.REVERSED])
    wrong = blue.annotate(expected=expected).filter(
        Q(expected__isnull=True) | ~Q(amount=F("expected"))
    )
    for invoice in wrong.order_by("pk").iterator():
        yield (
            f"invoice {invoice}: issued for {invoice.amount}, "
            f"but order {invoice.order_id} was paid less refunds with {invoice.expected}"
        )


def _red_of_another_amount() -> Iterator[str]:
    reds = Invoice.objects.filter(kind=Kind.RED).exclude(state=State.CANCELED)
    known = reds.annotate(
        known=Count("deductions"),
        right=Count("deductions", filter=Q(deductions__refund__amount=F("amount"))),
    )
    for red in known.exclude(known=1, right=1).order_by("pk").iterator():
        yield f"red letter {red.pk} of order {red.order_id}: {red.amount} is not its refund's amount"


def _refunds_that_came_back() -> Iterator[str]:
    issued = Deduction.objects.filter(invoice__state__in=[State.ISSUED, State.REVERSED])
    undone = issued.exclude(refund__state=Refund.State.SUCCEEDED)
    for each in undone.select_related("refund", "invoice").order_by("pk").iterator():
        yield (
            f"invoice {each.invoice} of order {each.invoice.order_id}: "
            f"counts refund {each.refund}, which is {each.refund.state}"
        )


def _refunds_without_red() -> Iterator[str]:
    late = refunds_without_red().filter(succeeded_at__lt=timezone.now() - LATEST)
    for refund in late.select_related("payment").order_by("pk").iterator():
        yield (
            f"refund {refund}: {refund.amount} of order {refund.payment.order_id} went back "
            f"after its invoice was issued, and there is no red letter"
        )


def _reversed_in_part() -> Iterator[str]:
    issued = Invoice.objects.filter(original=OuterRef("pk"), state=State.ISSUED)
    blue = Invoice.objects.filter(kind=Kind.BLUE).annotate(
        back=Round(_sum(issued, "original", "amount"), precision=2, output_field=MONEY)
    )
    is_back = Q(back=F("amount"))
    wrong = blue.filter(
        Q(state=State.ISSUED) & is_back
        | Q(state=State.REVERSED) & ~is_back
        | Q(back__gt=F("amount"))
    )
    for invoice in wrong.order_by("pk").iterator():
        yield (
            f"invoice {invoice} of order {invoice.order_id}: is {invoice.state}, "
            f"and {invoice.back:.2f} of {invoice.amount} is taken back"
        )


def _sum(rows: QuerySet, by: str, amount: str) -> Coalesce:
    total = rows.order_by().values(by).annotate(total=Sum(amount)).values("total")
    return Coalesce(Subquery(total, output_field=MONEY), NOTHING, output_field=MONEY)
