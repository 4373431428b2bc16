"""WeChat Pay's bill of a day (kind ALL), read: a backtick before every value, amounts in yuan, sums at the end."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from apps.core.clock import BEIJING
from apps.payment.exceptions import Unknown
from apps.payment.gateways.interface import Bill, BillLine

# Between two values; a bare comma is also found in the names of goods.
SEPARATOR = ",`"
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
FIRST_SUM = "总交易单数"
REFUNDS = {"REFUND", "REVOKED"}

Row = Mapping[str, str]


def read_bill(content: bytes, *, mchid: str) -> Bill:
    """Raises Unknown if it does not read, is not ours, or its sums are not those of its rows."""
    try:
        table, sums = _tables(content.decode("utf-8-sig"))
        lines = tuple(_line(row, mchid=mchid) for row in table)
        _compare(lines, sums)
    except (ValueError, KeyError, InvalidOperation) as exc:
        raise Unknown(f"The bill does not read: {exc!r}") from exc
    return Bill(lines, hashlib.sha256(content).hexdigest())


def _tables(words: str) -> tuple[list[Row], Row]:
    """The rows, and the sums, each by the names of their columns."""
    # Not splitlines(): that also breaks at characters that may stand in the name of goods.
    lines = [line for line in words.replace("\r\n", "\n").split("\n") if line]
    sums_at = next((n for n, line in enumerate(lines) if line.startswith(FIRST_SUM)), 0)
    if not 0 < sums_at == len(lines) - 2:
        raise ValueError("it does not end with two lines of sums")
    columns, sum_columns = lines[0].split(","), lines[sums_at].split(",")
    rows = [_row(columns, line) for line in lines[1:sums_at]]
    return rows, _row(sum_columns, lines[-1])


def _row(columns: Sequence[str], line: str) -> Row:
    if not line.startswith("`"):
        raise ValueError("a row does not begin with a backtick")
    return dict(zip(columns, line[1:].split(SEPARATOR), strict=True))


def _line(row: Row, *, mchid: str) -> BillLine:
    if row["商户号"] != mchid:
        raise ValueError(f"it is the bill of {row['商户号']}")
    if row["货币种类"] != "CNY":
        raise ValueError(f"a row in {row['货币种类']}")
    state = row["交易状态"]
    if state not in {"SUCCESS", *REFUNDS}:
        raise ValueError(f"a row that is {state}")
    is_refund = state in REFUNDS
    return BillLine(
        kind="refund" if is_refund else "payment",
        out_trade_no=row["商户订单号"],
        out_request_no=row["商户退款单号"] if is_refund else "",
        trade_no=row["微信订单号"],
        amount=_amount(row["申请退款金额" if is_refund else "订单金额"]),
        fee=_amount(row["手续费"]),
        status=row["退款状态"] if is_refund else state,
        at=datetime.strptime(row["交易时间"], TIME_FORMAT).replace(tzinfo=BEIJING),
    )


def _amount(words: str) -> Decimal:
    """CNY yuan."""
    amount = Decimal(words)
    if not amount.is_finite():
        raise ValueError(f"{words} is no amount")
    return amount


def _compare(lines: Sequence[BillLine], sums: Row) -> None:
    """A file that was cut off, or read wrongly, must not pass for a day."""
    told = {name: _amount(words) for name, words in sums.items()}
    read = {
        FIRST_SUM: Decimal(len(lines)),
        "订单总金额": _sum(line.amount for line in lines if line.kind == "payment"),
        "申请退款总金额": _sum(line.amount for line in lines if line.kind == "refund"),
        "手续费总金额": _sum(line.fee for line in lines),
    }
    wrong = {
        name: (str(told[name]), str(sum_)) for name, sum_ in read.items() if told[name] != sum_
    }
    if wrong:
        raise ValueError(f"its sums are not those of its rows: {wrong}")


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
