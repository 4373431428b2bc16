"""A bill's rows, made fit to be stored."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from apps.payment.exceptions import Unknown
from apps.payment.gateways.interface import Bill, BillLine
from apps.payment.models import StatementLine
from apps.payment.services.reconciliation.fees import FEN

MOST = Decimal("1e11")
# What the columns hold.
LONGEST_NUMBER = 128
LONGEST_STATUS = 64


def readable(bill: Bill) -> tuple[BillLine, ...]:
    """The rows of a bill. Raises Unknown if one tells of no sum of money: then none of them is believed.

    Others than we may use the account, so a number can be anything: what no column could hold is cut or replaced.
    """
    return tuple(_readable(line, position) for position, line in enumerate(bill.lines, start=1))


def _readable(line: BillLine, position: int) -> BillLine:
    is_money = _is_sane(line.amount) and line.amount >= 0 and line.amount == round(line.amount, 2)
    if not (is_money and _is_sane(line.fee)):
        raise Unknown(f"row {position} of the bill says {line.amount} and a fee of {line.fee}")
    if line.at.tzinfo is None:
        raise Unknown(f"row {position} of the bill says {line.at} of no zone")
    return replace(
        line,
        out_trade_no=_text(line.out_trade_no),
        out_request_no=_text(line.out_request_no) if line.kind == "refund" else "",
        trade_no=_text(line.trade_no),
        # Fees may be told finer than a fen.
        fee=line.fee.quantize(FEN, ROUND_HALF_UP),
        status=_text(line.status)[:LONGEST_STATUS],
    )


def _is_sane(amount: Decimal) -> bool:
    return amount.is_finite() and abs(amount) < MOST


def _text(text: str) -> str:
    # PostgreSQL stores no NUL, and nobody half a character.
    return text.replace("\0", "�").encode(errors="replace").decode().strip()[:LONGEST_NUMBER]


def row(statement_id: int, position: int, line: BillLine) -> StatementLine:
    return StatementLine(
        statement_id=statement_id,
        position=position,
        kind=line.kind,
        out_trade_no=line.out_trade_no,
        out_request_no=line.out_request_no,
        trade_no=line.trade_no,
        amount=line.amount,
        fee=line.fee,
        status=line.status,
        at=line.at,
    )
