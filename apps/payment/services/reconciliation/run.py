"""One day's bill: fetched, asked after, compared, kept."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from apps.core.exceptions import GatewayError
from apps.core.transactions import retry_lost_transactions
from apps.payment.exceptions import DayNotOver, Misconfigured, Rejected
from apps.payment.gateways import gateway
from apps.payment.gateways.interface import Bill, BillLine
from apps.payment.models import Statement, StatementLine
from apps.payment.services.accounts import refuse_other_account
from apps.payment.services.reconciliation import alarms
from apps.payment.services.reconciliation.books import our_payments, our_refunds
from apps.payment.services.reconciliation.days import BATCH, batches, beijing_day
from apps.payment.services.reconciliation.findings import Bench, Finding
from apps.payment.services.reconciliation.keeping import keep
from apps.payment.services.reconciliation.lines import readable, row
from apps.payment.services.reconciliation.lost import ask_after_lost
from apps.payment.services.reconciliation.matching import judge_lines
from apps.payment.services.reconciliation.missing import judge_payments, judge_refunds
from apps.payment.services.reconciliation.pool import review_pool
from apps.payment.services.reconciliation.totals import Totals

# Bills are due in the morning after; so long a delay beyond that is more than a slow provider.
ALERT_AFTER = timedelta(days=2)


def reconcile(provider: str, day: date, *, account: str = "", is_early: bool = False) -> Statement:
    """Compare a provider's bill of a Beijing day with our books and keep the differences; safe to repeat, also at once.

    ``account`` is whose bill, without it that of the settings; of another one there is no bill to be had. ``is_early``
    lets it be today's, which only a sandbox hands out: the day counts as compared when it is done again afterwards.
    ``statement.error`` says why there was no bill; then nothing else has changed. Raises DayNotOver, UnknownProvider,
    Unavailable.
    A second run brings the differences up to date, but for those that a person has worked off. Of two runs at once the
    one that began later writes.
    """
    today = beijing_day(timezone.now())
    if day > today or (day == today and not is_early):
        raise DayNotOver
    us = gateway(provider)
    statement = _begin(provider, account or us.account, day)
    statement.fetched_at = timezone.now()
    try:
        refuse_other_account(us, statement.account)
        bill = us.bill(day, at=statement.fetched_at)
        lines = readable(bill)
    except GatewayError as exc:
        _note_missing(statement, exc)
    else:
        unanswered = ask_after_lost(provider, us.account, lines)
        _compare(statement, bill, lines, frozenset(unanswered))
        review_pool(provider, us.account)
    statement.refresh_from_db()
    return statement


@retry_lost_transactions
@transaction.atomic(durable=True)  # refused inside another one, before the provider is called
def _begin(provider: str, account: str, day: date) -> Statement:
    made, _ = Statement.objects.get_or_create(provider=provider, account=account, day=day)
    statement = Statement.objects.select_for_update().get(pk=made.pk)
    statement.tries += 1
    statement.save(update_fields=["tries", "update_time"])
    return statement


@retry_lost_transactions
@transaction.atomic(durable=True)
def _note_missing(begun: Statement, exc: GatewayError) -> None:
    """What an earlier run compared stays compared."""
    statement = Statement.objects.select_for_update().get(pk=begun.pk)
    statement.error = f"{type(exc).__name__}: {exc}"[:300]
    needs_a_person = isinstance(exc, Misconfigured) or (
        isinstance(exc, Rejected) and not exc.is_temporary
    )
    if statement.state != Statement.State.DONE:
        statement.state = Statement.State.FAILED if needs_a_person else Statement.State.WAITING
    statement.save(update_fields=["error", "state", "update_time"])
    if needs_a_person or beijing_day(timezone.now()) - statement.day > ALERT_AFTER:
        alarms.tell_of_missing(statement)


@retry_lost_transactions
@transaction.atomic(durable=True)
def _compare(
    begun: Statement, bill: Bill, lines: tuple[BillLine, ...], unanswered: frozenset[str]
) -> None:
    statement = Statement.objects.select_for_update().get(pk=begun.pk)
    if statement.tries != begun.tries:
        return  # a run that began later sees more
    if statement.lines.exists():  # deleting nothing would lock the gap where another day's rows go
        statement.lines.all().delete()
    totals = Totals(statement.provider)
    bench = Bench(statement, unanswered, timezone.now())
    keep(statement, [*_judge_bill(bench, lines, totals), *_judge_books(bench, totals)])
    totals.write_to(statement)
    statement.state = Statement.State.DONE
    statement.digest = bill.digest[:64]
    statement.error = ""
    statement.fetched_at = begun.fetched_at
    statement.save()
    alarms.tell_of_open(statement)


def _judge_bill(bench: Bench, lines: tuple[BillLine, ...], totals: Totals) -> Iterator[Finding]:
    numbered = enumerate(lines, start=1)
    for batch in batches(numbered):
        totals.add_theirs(line for _position, line in batch)
        stored = [row(bench.statement.pk, position, line) for position, line in batch]
        StatementLine.objects.bulk_create(stored)
        yield from judge_lines(bench, stored)


def _judge_books(bench: Bench, totals: Totals) -> Iterator[Finding]:
    for payments in batches(our_payments(bench.statement).iterator(chunk_size=BATCH)):
        totals.add_payments(payments)
        yield from judge_payments(bench, payments)
    for refunds in batches(our_refunds(bench.statement).iterator(chunk_size=BATCH)):
        totals.add_refunds(refunds)
        yield from judge_refunds(bench, refunds)
