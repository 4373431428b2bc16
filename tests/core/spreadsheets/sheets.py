"""Spreadsheets to read, made by openpyxl as a person would make them, or byte by byte as nobody should."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook

from apps.core.spreadsheets import Column, Kind, Problem, Row, SpreadsheetRefused, read

COLUMNS = [
    Column("order_id", ["订单号", "Order"]),
    Column("carrier", ["快递公司", "Carrier"], blank=True),
    Column("count", ["数量", "Count"], Kind.INTEGER, required=False),
    Column("price", ["价格", "Price"], Kind.MONEY, required=False),
    Column("on_sale", ["上架", "On sale"], Kind.YES_NO, required=False),
]
HEADER = ["订单号", "快递公司", "数量", "价格", "上架"]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def book(
    *rows: Sequence[Any],
    header: Sequence[Any] = HEADER,
    change: Callable[[Any], None] | None = None,
) -> io.BytesIO:
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    if change:
        change(sheet)
    return saved(workbook)


def saved(workbook: Workbook) -> io.BytesIO:
    file = io.BytesIO()
    workbook.save(file)
    return file


def raw_book(rows: str | bytes, *, after: str = "", **parts: str | bytes) -> io.BytesIO:
    """A workbook whose sheet has this XML for rows; ``parts`` replace or add whole files by their short names."""
    data = rows if isinstance(rows, bytes) else rows.encode()
    sheet = f'<worksheet xmlns="{MAIN}"><dimension ref="A1:A1"/><sheetData>'.encode()
    content: dict[str, str | bytes] = {
        "_rels/.rels": (
            f'<Relationships xmlns="{RELS}"><Relationship Id="r1" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{RELS}">'
            f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
            "</Relationships>"
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"></sst>',
        "xl/worksheets/sheet1.xml": sheet + data + f"</sheetData>{after}</worksheet>".encode(),
    }
    names = {"strings": "xl/sharedStrings.xml", "sheet": "xl/worksheets/sheet1.xml"}
    content |= {names.get(name, name): part for name, part in parts.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return file


def inline(*texts: str) -> str:
    """Cells one after the other, without addresses."""
    return "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)


TITLES = f"<row>{inline(*HEADER)}</row>"


def text(content: str, encoding: str = "utf-8") -> io.BytesIO:
    return io.BytesIO(content.encode(encoding))


def rows_of(file: io.BytesIO, **limits: Any) -> list[Row]:
    return list(read(file, columns=COLUMNS, **limits))


def values(file: io.BytesIO) -> list[tuple]:
    """What is read, a tuple for each row; any problem fails the test."""
    rows = rows_of(file)
    assert [problem for row in rows for problem in row.problems] == []
    return [tuple(row.values.values()) for row in rows]


def problems(file: io.BytesIO, **limits: Any) -> list[tuple[int, str, str]]:
    found: list[Problem] = [it for row in rows_of(file, **limits) for it in row.problems]
    return [(it.row, it.column, it.message) for it in found]


def refusal(file: io.BytesIO, **limits: Any) -> str:
    """Why it is refused, and that it is before the first row is given."""
    try:
        read(file, columns=COLUMNS, **limits)
    except SpreadsheetRefused as refused:
        return str(refused.detail)
    raise AssertionError("It was not refused.")
