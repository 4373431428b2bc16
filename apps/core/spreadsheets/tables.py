"""What a file may hold: a table for each sheet of a workbook, or one for each way to cut a text into cells."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import BinaryIO

from django.utils.translation import gettext as _

from apps.core.spreadsheets.cells import Raw, tidy, title_of
from apps.core.spreadsheets.columns import Column
from apps.core.spreadsheets.delimited import DELIMITERS, Delimited
from apps.core.spreadsheets.exceptions import SpreadsheetRefused
from apps.core.spreadsheets.markup import PIECE, damaged
from apps.core.spreadsheets.workbook import FIRST_COLUMNS, Merged, RawRow, Workbook

HEADER_WITHIN = 20
"""Rows above which a table may have a heading and notes."""
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Header:
    row: int
    places: dict[str, int]
    twice: list[str]
    seen: list[str]


@dataclass(frozen=True)
class Table:
    """``name`` is the sheet's, "" in a text. ``read`` gives the rows with anything in the columns that are asked for,
    and behind them what is merged."""

    name: str
    read: Callable[[Collection[int]], Iterator[RawRow | Merged]]

    def rows(self, columns: Collection[int]) -> Iterator[RawRow]:
        return (it for it in self.read(columns) if isinstance(it, RawRow))

    def header(self, columns: Sequence[Column]) -> Header:
        """The row among the first that has the most of the titles."""
        by_title = {title_of(str(title)): column for column in columns for title in column.titles}
        first = islice(self.rows(FIRST_COLUMNS), HEADER_WITHIN)
        headers = [_header(row, by_title) for row in first]
        return max(headers, key=lambda it: len(it.places), default=Header(0, {}, [], []))


def tables(file: BinaryIO) -> list[Table]:
    """Raises SpreadsheetRefused. What a file is is told by its content: names lie."""
    file.seek(0)
    start = file.read(512)
    if start.startswith(b"PK\x03\x04"):
        book = Workbook(file)
        return [Table(sheet.name, partial(book.read, sheet)) for sheet in book.sheets]
    if start.startswith(OLD_EXCEL):
        raise SpreadsheetRefused(_why_not_old(file))
    if start.startswith(b"PK"):
        raise damaged()
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        raise SpreadsheetRefused(
            _("This is a web page under another name: open it in Excel and save it as .xlsx.")
        )
    text = Delimited(file)
    return [Table("", partial(text.read, each)) for each in DELIMITERS]


def _header(row: RawRow, by_title: dict[str, Column]) -> Header:
    places: dict[str, int] = {}
    twice = []
    for place, raw in sorted(row.cells.items()):
        column = by_title.get(title_of(raw))
        if column and column.key in places:
            twice.append(column.title)
        elif column:
            places[column.key] = place
    return Header(row.number, places, twice, [_shown(raw) for raw in row.cells.values()])


def _shown(raw: Raw) -> str:
    return tidy(raw)[:20] if isinstance(raw, str) else "–"


def _why_not_old(file: BinaryIO) -> str:
    file.seek(0)
    before = b""
    while piece := file.read(PIECE):
        if ENCRYPTED in before + piece:
            return _("The file is protected by a password: remove it and save.")
        before = piece[-len(ENCRYPTED) :]
    return _("This is an old .xls file: open it in Excel or WPS and save it as .xlsx.")
