"""The sheets of an .xlsx, row by row.

Not by openpyxl, whose reader keeps an element for every row it has read and all the strings there are, fills gaps up (a
single cell in XFD1048576 is 17 billion cells), and does not tell which rows are hidden and which cells are merged.
"""

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, BinaryIO

from django.utils.translation import gettext as _

from apps.core.spreadsheets.cells import Number, Odd, Raw
from apps.core.spreadsheets.exceptions import SpreadsheetRefused
from apps.core.spreadsheets.markup import Pieces, damaged

MOST_ENTRIES = 2_000
MOST_SHEETS = 50
MOST_BYTES_OF_STRINGS = 16 * 1024 * 1024
MOST_BYTES_OF_A_SHEET = 128 * 1024 * 1024
MOST_BYTES_OF_THE_REST = 4 * 1024 * 1024
MOST_MERGED = 1_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
FIRST_COLUMNS = range(1, 257)
"""Where titles are looked for."""


@dataclass
class RawRow:
    number: int
    is_hidden: bool = False
    cells: dict[int, Raw] = field(default_factory=dict)


@dataclass(frozen=True)
class Merged:
    """Cells that were made one: rows and columns from 1, both ends included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True)
class Sheet:
    name: str
    path: str


class Workbook:
    """An .xlsx that was opened; reading it again and again starts anew each time. Raises SpreadsheetRefused."""

    def __init__(self, file: BinaryIO) -> None:
        with broken_is_refused():
            self._zip = zipfile.ZipFile(file)
            if len(self._zip.infolist()) > MOST_ENTRIES:
                raise damaged()
            self._main = self._find_main()
            self.sheets = self._find_sheets()
            self._strings = self._read_strings()

    def read(
        self, sheet: Sheet, columns: Collection[int] = FIRST_COLUMNS
    ) -> Iterator[RawRow | Merged]:
        """The rows that have anything in these columns; behind the last one, which cells of the sheet are merged."""
        with broken_is_refused():
            yield from SheetPieces(self._strings, columns).read(self._open(sheet.path))

    def _find_main(self) -> str:
        for relation in self._relations("_rels/.rels"):
            if relation["Type"].endswith("/officeDocument"):
                path = relation["Target"].lstrip("/")
                if path.startswith("xl/"):
                    return path
        raise SpreadsheetRefused(_("This is no Excel workbook: save it as .xlsx or .csv."))

    def _find_sheets(self) -> list[Sheet]:
        folder, name = posixpath.split(self._main)
        targets = {
            relation["Id"]: posixpath.normpath(posixpath.join(f"/{folder}", relation["Target"]))
            for relation in self._relations(f"{folder}/_rels/{name}.rels")
            if relation["Type"].endswith(("/worksheet", "/sharedStrings"))
        }
        self._targets = {path.lstrip("/") for path in targets.values()}
        named = SheetNames().read(self._open(self._main))
        sheets = [Sheet(name, targets[key].lstrip("/")) for name, key in named if key in targets]
        if not sheets:
            raise SpreadsheetRefused(_("There is no sheet in this workbook."))
        return sheets[:MOST_SHEETS]

    def _read_strings(self) -> list[str]:
        for path in self._targets:
            if posixpath.basename(path).casefold() == "sharedstrings.xml":
                return list(Strings().read(self._open(path, MOST_BYTES_OF_STRINGS)))
        return []

    def _relations(self, path: str) -> Iterator[dict[str, str]]:
        yield from Relations().read(self._open(path, MOST_BYTES_OF_THE_REST))

    def _open(self, path: str, most_bytes: int = MOST_BYTES_OF_A_SHEET) -> IO[bytes]:
        """What is said of the size beforehand is true: zipfile reads no further than that."""
        entry = self._zip.getinfo(path)
        if entry.flag_bits & 0x1:
            raise SpreadsheetRefused(_("The file is protected by a password: remove it and save."))
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise damaged()
        if entry.file_size > most_bytes:
            raise SpreadsheetRefused(
                _("There is far too much in this workbook: copy the rows into a new one.")
            )
        return self._zip.open(entry)


BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


@contextmanager
def broken_is_refused() -> Iterator[None]:
    """Whatever zipfile and zlib have to say of a file that is none, or half of one."""
    try:
        yield
    except BROKEN as exc:
        raise damaged() from exc


class Relations(Pieces[dict[str, str]]):
    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.keys() >= {"Id", "Type", "Target"}:
            self.found.append(attributes)


class SheetNames(Pieces[tuple[str, str]]):
    """The name of every sheet that is to be seen, and the id of its relation."""

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            keys = [value for key, value in attributes.items() if key.endswith("}id")]
            self.found.extend((attributes.get("name", ""), key) for key in keys)


class Strings(Pieces[str]):
    """The texts that cells refer to by number; of each its pieces together, but not how it is pronounced."""

    _is_aside = False

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rPh":
            self._is_aside = True
        self.is_listening = name == "t" and not self._is_aside

    def ended(self, name: str) -> None:
        self.is_listening = False
        if name == "rPh":
            self._is_aside = False
        elif name == "si":
            self.found.append(self.heard())


class SheetPieces(Pieces[RawRow | Merged]):
    """Rows as soon as they end, then what was merged: that stands at the end of the file."""

    def __init__(self, strings: list[str], columns: Collection[int]) -> None:
        super().__init__()
        self._strings = strings
        self._columns = columns
        self._row = RawRow(0)
        self._column = 0
        self._type = "n"
        self._has_formula = False
        self._is_aside = False
        self._merged = 0

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name == "row":
            number = int(attributes.get("r", self._row.number + 1))
            if not self._row.number < number <= LAST_ROW:
                raise damaged()
            self._row = RawRow(number, attributes.get("hidden") in {"1", "true"})
            self._column = 0
        elif name in {"v", "t"}:
            self.is_listening = self._column in self._columns and not self._is_aside
        elif name == "f":
            self._has_formula = True
        elif name == "rPh":
            self._is_aside = True
        elif name == "mergeCell":
            self._count_merged()
            self.found.append(_merged(attributes.get("ref", "")))

    def ended(self, name: str) -> None:
        if name in {"v", "t"}:
            self.is_listening = False
        elif name == "c":
            if self._column in self._columns:
                value = self._value(self.heard())
                if value is not None:
                    self._row.cells[self._column] = value
        elif name == "rPh":
            self._is_aside = False
        elif name == "row" and self._row.cells:
            self.found.append(self._row)

    def _count_merged(self) -> None:
        self._merged += 1
        if self._merged > MOST_MERGED:
            raise SpreadsheetRefused(_("Too many merged cells: unmerge them all."))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        address = attributes.get("r")
        self._column = _column(address) if address else self._column + 1
        self._type = attributes.get("t", "n")
        self._has_formula = False

    def _value(self, text: str) -> Raw:
        if self._has_formula:
            return Odd.FORMULA
        match self._type:
            case "s":
                number = int(text or -1)
                if not 0 <= number < len(self._strings):
                    raise damaged()
                return self._strings[number] or None
            case "b":
                return text.strip() == "1" if text else None
            case "e":
                return Odd.ERROR
            case "n":
                return Number(text.strip()) if text.strip() else None
            case _:
                return text or None


def _merged(reference: str) -> Merged:
    first, _colon, last = reference.partition(":")
    last = last or first
    return Merged(_row(first), _row(last), _column(first), _column(last))


def _row(address: str) -> int:
    return int("".join(each for each in address if "0" <= each <= "9"))


def _column(address: str) -> int:
    """C of C12 is 3."""
    column = 0
    for letter in address:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
        if column > LAST_COLUMN:
            break
    if not 1 <= column <= LAST_COLUMN:
        raise damaged()
    return column
