"""A bill against our books. Reads only, and the same few statements for every batch of rows."""

from collections.abc import Iterator
from decimal import Decimal

from apps.payment.models import Difference, Payment, Refund, Statement, StatementLine
from apps.payment.services.reconciliation.fees import expected_fee, is_as_expected
from apps.payment.services.reconciliation.findings import (
    Bench,
    Finding,
    Numbers,
    State,
    Type,
    has_gone_back,
    numbers_of,
)


def judge_lines(bench: Bench, lines: list[StatementLine]) -> Iterator[Finding]:
    """What is wrong with some rows of a bill that has been stored."""
    again = _listed_before(bench.statement, lines)
    payments = _payments(bench.statement, lines)
    refunds = _refunds(bench.statement, lines)
    for line in lines:
        payment = payments.get(line.out_trade_no)
        if line.position in again:
            yield _finding(line, Type.DUPLICATE, ours=None, payment=payment)
        elif line.kind == "payment":
            yield from _judge_payment(bench, line, payment)
        else:
            yield from _judge_refund(bench, line, refunds.get(numbers_of(line)))


def _judge_payment(bench: Bench, line: StatementLine, payment: Payment | None) -> Iterator[Finding]:
    if payment is None:
        # Open at once: we write a number down before the provider hears of it, so no other day explains this.
        yield _finding(line, Type.PROVIDER_ONLY, ours=None)
        return
    if not payment.is_paid:
        state = bench.state_after_asking(payment.out_trade_no)
        yield _finding(line, Type.STATUS, ours=Decimal("0.00"), payment=payment, state=state)
    if payment.amount != line.amount:
        yield _finding(line, Type.AMOUNT, ours=payment.amount, payment=payment)
    yield from _judge_fee(bench, line, payment, None)


def _judge_refund(bench: Bench, line: StatementLine, refund: Refund | None) -> Iterator[Finding]:
    if refund is None:
        yield _finding(line, Type.PROVIDER_ONLY, ours=None)
        return
    payment = refund.payment
    if not has_gone_back(refund):
        # A bill may list a refund when it was accepted, which is not the end of it.
        state = bench.state_after_asking(refund.out_request_no, is_under_way=not refund.is_finished)
        yield _finding(
            line, Type.STATUS, ours=Decimal("0.00"), payment=payment, refund=refund, state=state
        )
    if refund.amount != line.amount:
        yield _finding(line, Type.AMOUNT, ours=refund.amount, payment=payment, refund=refund)
    yield from _judge_fee(bench, line, payment, refund)


def _judge_fee(
    bench: Bench, line: StatementLine, payment: Payment, refund: Refund | None
) -> Iterator[Finding]:
    expected = expected_fee(bench.statement.provider, line)
    if not is_as_expected(line.fee, expected):
        yield _finding(
            line, Type.FEE, ours=expected, theirs=line.fee, payment=payment, refund=refund
        )


def _finding(
    line: StatementLine,
    kind_of_difference: str,
    *,
    ours: Decimal | None,
    theirs: Decimal | None = None,
    payment: Payment | None = None,
    refund: Refund | None = None,
    state: str = State.OPEN,
) -> Finding:
    return Finding(
        kind=line.kind,
        type=kind_of_difference,
        out_trade_no=line.out_trade_no,
        out_request_no=line.out_request_no,
        trade_no=line.trade_no,
        ours=ours,
        theirs=line.amount if theirs is None else theirs,
        payment=payment,
        refund=refund,
        state=state,
    )


def _payments(statement: Statement, lines: list[StatementLine]) -> dict[str, Payment]:
    ours = Payment.objects.filter(
        provider=statement.provider,
        account=statement.account,
        out_trade_no__in={line.out_trade_no for line in lines},
    )
    return {payment.out_trade_no: payment for payment in ours}


def _refunds(statement: Statement, lines: list[StatementLine]) -> dict[Numbers, Refund]:
    ours = Refund.objects.filter(
        payment__provider=statement.provider,
        payment__account=statement.account,
        out_request_no__in={line.out_request_no for line in lines} - {""},
    ).select_related("payment")
    return {
        ("refund", refund.payment.out_trade_no, refund.out_request_no): refund for refund in ours
    }


def _listed_before(statement: Statement, lines: list[StatementLine]) -> set[int]:
    """The positions of rows whose numbers stand further up in this bill, or in another day's.

    Of two days only one has the difference: the one that was compared later.
    """
    same = StatementLine.objects.filter(
        statement__provider=statement.provider,
        statement__account=statement.account,
        out_trade_no__in={line.out_trade_no for line in lines} - {""},
    )
    first: dict[Numbers, int] = {}
    elsewhere: set[Numbers] = set()
    for line in same.only("kind", "out_trade_no", "out_request_no", "statement_id", "position"):
        numbers = numbers_of(line)
        if line.statement_id != statement.pk:
            elsewhere.add(numbers)
        else:
            first[numbers] = min(line.position, first.get(numbers, line.position))
    if elsewhere:
        elsewhere -= _reported_elsewhere(statement, elsewhere)
    return {
        line.position
        for line in lines
        if line.out_trade_no
        and (line.position > first[numbers_of(line)] or numbers_of(line) in elsewhere)
    }


def _reported_elsewhere(statement: Statement, listed: set[Numbers]) -> set[Numbers]:
    reported = Difference.objects.of_account(statement.provider, statement.account).filter(
        type=Type.DUPLICATE, out_trade_no__in={trade for _, trade, _ in listed}
    )
    others = reported.exclude(statement=statement).exclude(state=State.RESOLVED)
    return set(others.values_list("kind", "out_trade_no", "out_request_no"))
