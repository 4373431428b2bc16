"""Which bills have still to be compared."""

import logging
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from apps.payment.gateways import gateway
from apps.payment.models import Payment, Refund, Statement
from apps.payment.services.reconciliation.days import beijing_day, span
from apps.payment.services.reconciliation.pool import review_pool
from apps.payment.services.reconciliation.run import reconcile

# After a longer absence a person runs the command for the days before.
DAYS_BACK = 30

logger = logging.getLogger(__name__)


def reconcile_due() -> list[Statement]:
    """Compare every day since the first payment that has not been compared, and look through the pool.

    At most ``DAYS_BACK`` days, oldest first, of every account that was ever paid through; the bills of one that the
    settings do not name any more are missed, and operators told. Safe to run twice and at once.
    """
    statements = []
    for provider in used_providers():
        for account in _used_accounts(provider):
            try:
                statements += _compare_due(provider, account)
                review_pool(provider, account)
            except Exception:
                logger.exception("The bills of %s (%s) were not compared", provider, account)
    return statements


def _compare_due(provider: str, account: str) -> list[Statement]:
    statements = []
    for day in _due_days(provider, account):
        try:
            statements.append(reconcile(provider, day, account=account))
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


def _used_accounts(provider: str) -> list[str]:
    attempts = Payment.objects.filter(provider=provider).order_by("account")
    return list(attempts.values_list("account", flat=True).distinct())


def _due_days(provider: str, account: str) -> list[date]:
    """Up to yesterday in Beijing; a bill fetched before its day was over is no bill of that day."""
    attempts = Payment.objects.filter(provider=provider, account=account)
    first = attempts.order_by("pk").values_list("create_time", flat=True).first()
    if first is None:
        return []
    today = beijing_day(timezone.now())
    start = max(beijing_day(first), today - timedelta(days=DAYS_BACK))
    end = today
    if account != gateway(provider).account:
        end = min(today, beijing_day(_last_movement(provider, account)) + timedelta(days=1))
    done = Statement.objects.filter(
        provider=provider, account=account, day__gte=start, state=Statement.State.DONE
    ).values_list("day", "fetched_at")
    compared = {day for day, fetched_at in done if fetched_at and fetched_at >= span(day)[1]}
    days = [start + timedelta(days=number) for number in range((end - start).days)]
    return [day for day in days if day not in compared]


def _last_movement(provider: str, account: str) -> datetime:
    """When an account was last paid through, tried, or paid back from."""
    attempts = Payment.objects.filter(provider=provider, account=account)
    refunds = Refund.objects.filter(payment__provider=provider, payment__account=account)
    moments: list[datetime | None] = [
        *attempts.aggregate(Max("create_time"), Max("paid_at")).values(),
        *refunds.aggregate(Max("succeeded_at")).values(),
    ]
    return max(moment for moment in moments if moment)
