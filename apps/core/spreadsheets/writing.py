import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any, BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int | Decimal | bool | datetime | date | None

ROWS_TOGETHER = 500
ROWS_OF_A_SHEET = 1_048_575
ROWS_TO_MEASURE = 200
WIDEST = 60
MOST_DIGITS = 15
STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
FORMATS = {str: "@", Decimal: "0.00", datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd"}


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A .csv piece by piece, in UTF-8 with the mark by which Excel knows that, its times in the shop's time zone.

    Nothing in it is a formula. Excel takes long numbers for numbers when it opens one: for people, write an .xlsx.
    """
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    for number, row in enumerate(chain([header], rows)):
        writer.writerow([_as_text(cell) for cell in row])
        if number % ROWS_TOGETHER == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[Cell]], to: BinaryIO) -> None:
    """An .xlsx row by row, through files of its own: no more than 200 rows are ever held in memory.

    Texts stay texts, however many digits they have; Decimals are numbers with two places; times are Excel's, in the
    shop's time zone. Nothing in it is a formula. After 1,048,575 rows goes on in another sheet.
    """
    book = Workbook(write_only=True)
    coming = iter(rows)
    try:
        while True:
            first = list(islice(coming, ROWS_TO_MEASURE))
            if not first and book.worksheets:
                break
            sheet = _new_sheet(book, header, first)
            rest = islice(coming, ROWS_OF_A_SHEET - len(first))
            for row in chain(first, rest):
                sheet.append([_as_cell(sheet, cell) for cell in row])
        book.save(to)
    finally:
        for sheet in book.worksheets:
            # After an error; else save() has closed and removed them.
            with suppress(Exception):
                sheet.close()
            with suppress(OSError):
                sheet._writer.cleanup()


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece


def _new_sheet(book: Any, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Any:
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for place, title in enumerate(header):
        texts = [title, *(_as_text(row[place]) for row in rows if place < len(row))]
        width = min(max(map(_width, texts)) + 2, WIDEST)
        sheet.column_dimensions[get_column_letter(place + 1)].width = width
    titles = [_as_cell(sheet, title) for title in header]
    for cell in titles:
        cell.font = Font(bold=True)
    sheet.append(titles)
    return sheet


def _width(text: str) -> int:
    """In letters; a Chinese character is as wide as two."""
    return sum(1 if ord(each) < 0x1100 else 2 for each in text[:WIDEST])


def _as_cell(sheet: Any, value: Cell) -> Any:
    value = _plain(value)
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        value = str(value)
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    if not isinstance(value, int) and value is not None:
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = FORMATS[type(value)]
        return cell
    return WriteOnlyCell(sheet, value)


def _as_text(value: Cell) -> str:
    match _plain(value):
        case None:
            return ""
        case datetime() as moment:
            return f"{moment:%Y-%m-%d %H:%M:%S}"
        case date() as day:
            return f"{day:%Y-%m-%d}"
        case plain:
            return str(plain)


def _plain(value: Any) -> Cell:
    """Yes and no in words, times without a zone, texts that no program takes for a formula, lazy texts as they read."""
    if value is None or type(value) is int:
        return value
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return Decimal(f"{value:.2f}")
    if isinstance(value, datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if isinstance(value, int | date):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text
