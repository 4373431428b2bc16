"""A day's bill as Alipay packs it: a zip of GBK tables, of which one lists every payment and refund. Pure.

Above the list stand lines that begin with ``#`` and the names of the columns; below it lines that begin with ``#`` and
tell how many payments and refunds there were and what came in. Cells are padded with tabs.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Literal, TextIO

from apps.payment.exceptions import MalformedNotice, Unknown
from apps.payment.gateways.alipay.fields import amount_in, moment_in
from apps.payment.gateways.interface import BillLine

# A superset of GBK, which rare characters in names need.
ENCODING = "gb18030"
UTF8_NAME = 0x800
MOST_FILES = 100
# A bill of a million rows has about half of this; what unpacks to more is not one.
MOST_UNPACKED = 512 * 1024 * 1024
MOST_ROWS = 2_000_000
# In letters; a real one has some 500.
LONGEST_ROW = 64 * 1024
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    csv.Error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)

KINDS: dict[str, Literal["payment", "refund"]] = {"交易": "payment", "退款": "refund"}
TOTALS: dict[Literal["payment", "refund"], re.Pattern[str]] = {
    "payment": re.compile(r"#+交易合计：(\d+)笔.*?共?(-?[\d.]+)元"),
    "refund": re.compile(r"#+退款合计：(\d+)笔.*?共?(-?[\d.]+)元"),
}
TRADE_NO, OUT_TRADE_NO, KIND, DONE_AT = "支付宝交易号", "商户订单号", "业务类型", "完成时间"
AMOUNT, RECEIVED, FEE = "订单金额(元)", "商家实收(元)", "服务费(元)"
REQUEST_NO = "退款批次号/请求号"
NEEDED = {TRADE_NO, OUT_TRADE_NO, KIND, DONE_AT, AMOUNT, RECEIVED, FEE, REQUEST_NO}


def lines_in(packed: bytes) -> tuple[BillLine, ...]:
    """Every row, the totals checked against them. Raises Unknown: a file cut short or altered is no bill."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            details = _details(archive)
            found = [line for member in details for line in _lines(_rows(archive, member))]
    except BROKEN as exc:
        raise Unknown(f"The bill does not read: {type(exc).__name__}: {exc}") from exc
    return tuple(found)


def _details(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > MOST_FILES or sum(each.file_size for each in members) > MOST_UNPACKED:
        raise Unknown("The bill unpacks to more than a bill can be")
    details = [each for each in members if "业务明细" in _name(each) and "汇总" not in _name(each)]
    if not details:
        raise Unknown("There is no list of payments in the bill")
    return details


def _name(member: zipfile.ZipInfo) -> str:
    """Names are GBK, which zipfile takes for the encoding of old unless they are marked as UTF-8."""
    if member.flag_bits & UTF8_NAME:
        return member.filename
    try:
        return member.filename.encode("cp437").decode(ENCODING)
    except ValueError:
        return member.filename


def _rows(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[list[str]]:
    # No more than file_size is read, whatever the packed data unpack to.
    with archive.open(member) as unpacked:
        text = io.TextIOWrapper(unpacked, encoding=ENCODING, newline="")
        for row in _table(text):
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield cells


def _table(text: TextIO) -> Iterator[list[str]]:
    """A file of nothing but separators has as many cells as letters: it is given up long before it is read."""
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        while line := text.readline(LONGEST_ROW + 1):
            taken += len(line)
            if taken > LONGEST_ROW:
                raise Unknown("A row of the bill is longer than a row can be")
            yield line

    for count, row in enumerate(csv.reader(lines()), start=1):
        if count > MOST_ROWS:
            raise Unknown("The bill has more rows than a bill can have")
        taken = 0
        yield row


def _lines(rows: Iterable[list[str]]) -> list[BillLine]:
    columns: list[str] = []
    lines: list[BillLine] = []
    received: dict[str, Decimal] = {"payment": Decimal(), "refund": Decimal()}
    remarks: list[str] = []
    for row in rows:
        if row[0].startswith("#"):
            remarks.append(",".join(row))
        elif not columns:
            columns = [_plain(cell) for cell in row]
            if missing := NEEDED - set(columns):
                raise Unknown(f"The bill has no column {', '.join(sorted(missing))}")
        elif len(row) != len(columns):
            raise Unknown(f"A row of the bill has {len(row)} cells: {row[0]}")
        else:
            cells = dict(zip(columns, row, strict=True))
            lines.append(line := _line(cells))
            received[line.kind] += abs(_amount(cells[RECEIVED]))
    _compare(lines, received, remarks)
    return lines


def _line(cells: dict[str, str]) -> BillLine:
    kind = KINDS.get(cells[KIND])
    if kind is None:
        raise Unknown(f"A row of the bill is neither payment nor refund: {cells[KIND]}")
    fee = abs(_amount(cells[FEE] or "0"))
    return BillLine(
        kind=kind,
        out_trade_no=cells[OUT_TRADE_NO],
        out_request_no=cells[REQUEST_NO] if kind == "refund" else "",
        trade_no=cells[TRADE_NO],
        amount=abs(_amount(cells[AMOUNT])),
        fee=-fee if kind == "refund" else fee,
        status=cells[KIND],
        at=_moment(cells[DONE_AT]),
    )


def _compare(lines: list[BillLine], received: dict[str, Decimal], remarks: list[str]) -> None:
    for kind, pattern in TOTALS.items():
        told = next((found for each in remarks if (found := pattern.match(each))), None)
        if told is None:
            raise Unknown(f"The bill tells no total of its {kind}s: it is cut short")
        counted = sum(line.kind == kind for line in lines), received[kind]
        if counted != (int(told[1]), abs(_amount(told[2]))):
            raise Unknown(f"The bill's {kind}s do not add up: {counted} and {told[0]}")


def _plain(name: str) -> str:
    return name.replace("（", "(").replace("）", ")").lstrip("\ufeff")


def _amount(text: str) -> Decimal:
    try:
        return amount_in(text)
    except MalformedNotice as exc:
        raise Unknown(f"An amount in the bill is {text!r}") from exc


def _moment(text: str) -> datetime:
    try:
        moment = moment_in(text)
    except MalformedNotice as exc:
        raise Unknown(f"A time in the bill is {text!r}") from exc
    if moment is None:
        raise Unknown("A row of the bill has no time")
    return moment
