"""Which bills have still to be compared."""

import logging
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from apps.payment.gateways import gateway
from apps.payment.models import Payment, Statement
from apps.payment.services.reconciliation.days import beijing_day, span
from apps.payment.services.reconciliation.pool import review_pool
from apps.payment.services.reconciliation.run import reconcile

# After a longer absence a person runs the command for the days before.
DAYS_BACK = 30

logger = logging.getLogger(__name__)


def reconcile_due() -> list[Statement]:
    """Compare every day since the first payment that has not been compared, and look through the pool.

    At most ``DAYS_BACK`` days, oldest first. Safe to run twice and at once.
    """
    statements = []
    for provider in used_providers():
        try:
            statements += _compare_due(provider)
            review_pool(provider, gateway(provider).account)
        except Exception:
            logger.exception("The bills of %s were not compared", provider)
    return statements


def _compare_due(provider: str) -> list[Statement]:
    statements = []
    for day in _due_days(provider):
        try:
            statements.append(reconcile(provider, day))
        except Exception:
            # Whatever it is, the other days must not wait for this one, nor the other providers.
            logger.exception("The bill of %s of %s was not compared", provider, day)
    return statements


def used_providers() -> list[str]:
    """The enabled providers that anybody ever paid through, or tried to."""
    return [
        provider
        for provider in settings.PAYMENT_GATEWAYS
        if Payment.objects.filter(provider=provider).exists()
    ]


def _due_days(provider: str) -> list[date]:
    """Up to yesterday in Beijing; a bill fetched before its day was over is no bill of that day."""
    account = gateway(provider).account
    attempts = Payment.objects.filter(provider=provider, account=account)
    first = attempts.order_by("pk").values_list("create_time", flat=True).first()
    if first is None:
        return []
    today = beijing_day(timezone.now())
    start = max(beijing_day(first), today - timedelta(days=DAYS_BACK))
    done = Statement.objects.filter(
        provider=provider, account=account, day__gte=start, state=Statement.State.DONE
    ).values_list("day", "fetched_at")
    compared = {day for day, fetched_at in done if fetched_at and fetched_at >= span(day)[1]}
    days = [start + timedelta(days=number) for number in range((today - start).days)]
    return [day for day in days if day not in compared]
