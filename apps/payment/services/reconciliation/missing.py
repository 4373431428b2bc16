"""Our books against a bill: what should stand in it and does not. Reads only, in batches."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.payment.models import Payment, Refund, Statement, StatementLine
from apps.payment.services.reconciliation.days import POOL_DAYS
from apps.payment.services.reconciliation.findings import (
    Bench,
    Finding,
    Numbers,
    State,
    Type,
    payment_numbers,
    refund_numbers,
)


def judge_payments(bench: Bench, payments: list[Payment]) -> Iterator[Finding]:
    """Those of some payments of the day that the bill lacks."""
    ours = {payment_numbers(payment): payment for payment in payments}
    for numbers, elsewhere in _not_listed(bench.statement, ours):
        payment = ours[numbers]
        yield _finding(bench, numbers, elsewhere, payment.amount, payment=payment)


def judge_refunds(bench: Bench, refunds: list[Refund]) -> Iterator[Finding]:
    """Those of some refunds of the day that the bill lacks."""
    ours = {refund_numbers(refund): refund for refund in refunds}
    for numbers, elsewhere in _not_listed(bench.statement, ours):
        refund = ours[numbers]
        yield _finding(
            bench, numbers, elsewhere, refund.amount, payment=refund.payment, refund=refund
        )


def nearby_bills(
    provider: str, account: str, wanted: Iterable[tuple[Numbers, date]]
) -> dict[tuple[Numbers, date], date]:
    """In which neighbouring day's bill a movement stands that is missing on its own day."""
    missing = list(wanted)
    lines = StatementLine.objects.filter(
        statement__provider=provider,
        statement__account=account,
        out_trade_no__in={numbers[1] for numbers, _day in missing},
    ).values_list("kind", "out_trade_no", "out_request_no", "statement__day")
    days: dict[Numbers, list[date]] = {}
    for kind, out_trade_no, out_request_no, day in lines:
        days.setdefault((kind, out_trade_no, out_request_no), []).append(day)
    return {
        (numbers, day): min(near)
        for numbers, day in missing
        if (near := [other for other in days.get(numbers, []) if _is_near(day, other)])
    }


def found_note(day: date) -> str:
    return _("Stands in the bill of %(day)s.") % {"day": day.isoformat()}


def _is_near(day: date, other: date) -> bool:
    return abs(other - day) <= timedelta(days=POOL_DAYS)


def _not_listed(
    statement: Statement, ours: Iterable[Numbers]
) -> Iterator[tuple[Numbers, date | None]]:
    """Which of these movements this bill lacks, and the day of the neighbouring bill that lists them."""
    wanted = list(ours)
    lines = statement.lines.filter(out_trade_no__in={numbers[1] for numbers in wanted})
    listed = set(lines.values_list("kind", "out_trade_no", "out_request_no"))
    missing = [numbers for numbers in wanted if numbers not in listed]
    if not missing:
        return
    nearby = nearby_bills(
        statement.provider, statement.account, [(numbers, statement.day) for numbers in missing]
    )
    for numbers in missing:
        yield numbers, nearby.get((numbers, statement.day))


def _finding(
    bench: Bench,
    numbers: Numbers,
    elsewhere: date | None,
    ours: Decimal,
    *,
    payment: Payment,
    refund: Refund | None = None,
) -> Finding:
    kind, out_trade_no, out_request_no = numbers
    return Finding(
        kind=kind,
        type=Type.OURS_ONLY,
        out_trade_no=out_trade_no,
        out_request_no=out_request_no,
        trade_no=payment.trade_no or "",
        ours=ours,
        theirs=None,
        payment=payment,
        refund=refund,
        state=State.RESOLVED if elsewhere else bench.waiting,
        note=found_note(elsewhere) if elsewhere else "",
    )
