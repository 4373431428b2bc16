"""The rows of a .csv: whatever Excel, WPS or another program takes for one."""

import codecs
import csv
import io
from collections.abc import Collection, Iterator
from functools import partial
from typing import BinaryIO

from django.utils.translation import gettext as _

from apps.core.spreadsheets.cells import Odd, Raw
from apps.core.spreadsheets.exceptions import SpreadsheetRefused
from apps.core.spreadsheets.markup import PIECE
from apps.core.spreadsheets.workbook import FIRST_COLUMNS, RawRow

DELIMITERS = [",", "\t", ";"]
LONGEST_LINE = 256 * 1024
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Delimited:
    """A .csv whose encoding is known; reading it again and again starts anew each time. Raises SpreadsheetRefused."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._encoding = self._find_encoding()

    def read(self, delimiter: str, columns: Collection[int] = FIRST_COLUMNS) -> Iterator[RawRow]:
        """The rows that have anything in these columns. A cell may go over several lines; that is one row in Excel."""
        try:
            reader = csv.reader(self._lines(), delimiter=delimiter, strict=True)
            for number, cells in enumerate(reader, 1):
                row = RawRow(number)
                for column in sorted(columns):
                    if column > len(cells):
                        break
                    if cells[column - 1]:
                        row.cells[column] = _raw(cells[column - 1])
                if row.cells:
                    yield row
        except csv.Error:
            raise SpreadsheetRefused(
                _("Near line %(line)d a quotation mark is missing or a cell is far too long.")
                % {"line": reader.line_num}
            ) from None

    def _find_encoding(self) -> str:
        self._file.seek(0)
        start = self._file.read(4)
        for mark, encoding in MARKS.items():
            if start.startswith(mark) and self._is_written_in(encoding):
                return encoding
        for encoding in ("utf-8", "gb18030"):
            if self._is_written_in(encoding):
                return encoding
        raise SpreadsheetRefused(
            _("This is neither a workbook nor a text: save it as .xlsx, or as CSV UTF-8.")
        )

    def _is_written_in(self, encoding: str) -> bool:
        try:
            return not any("\0" in piece for piece in self._pieces(encoding))
        except UnicodeError:
            return False

    def _pieces(self, encoding: str) -> Iterator[str]:
        decoder = io.IncrementalNewlineDecoder(
            codecs.getincrementaldecoder(encoding)("strict"), translate=True
        )
        self._file.seek(0)
        for piece in iter(partial(self._file.read, PIECE), b""):
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)

    def _lines(self) -> Iterator[str]:
        rest = ""
        for piece in self._pieces(self._encoding):
            *lines, rest = (rest + piece).split("\n")
            if max(map(len, [*lines, rest])) > LONGEST_LINE:
                raise SpreadsheetRefused(_("There is a line that is far too long."))
            for line in lines:
                yield f"{line}\n"
        if rest:
            yield rest


def _raw(text: str) -> Raw:
    is_formula = text.startswith("=") and not text.startswith('="')
    return Odd.FORMULA if is_formula else text
