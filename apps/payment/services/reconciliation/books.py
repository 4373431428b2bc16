"""Our side of a day: what a provider's trade bill should list. Payouts and cash are in no trade bill."""

from django.db.models import QuerySet

from apps.payment.models import Payment, Refund, Statement
from apps.payment.services.reconciliation.days import span


def our_payments(statement: Statement) -> QuerySet[Payment]:
    start, end = span(statement.day)
    return Payment.objects.filter(
        provider=statement.provider,
        account=statement.account,
        state__in=Payment.PAID,
        paid_at__gte=start,
        paid_at__lt=end,
    ).order_by("pk")


def our_refunds(statement: Statement) -> QuerySet[Refund]:
    start, end = span(statement.day)
    refunds = Refund.objects.filter(
        payment__provider=statement.provider,
        payment__account=statement.account,
        channel=Refund.Channel.ORIGINAL,
        state=Refund.State.SUCCEEDED,
        succeeded_at__gte=start,
        succeeded_at__lt=end,
    )
    return refunds.select_related("payment").order_by("pk")
