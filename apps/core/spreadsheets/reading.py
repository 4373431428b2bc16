from collections.abc import Iterator, Sequence
from typing import BinaryIO

from django.core.files import File
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.spreadsheets.cells import is_empty, value_of
from apps.core.spreadsheets.columns import Column, Problem, Row
from apps.core.spreadsheets.exceptions import CellRefused, SpreadsheetRefused
from apps.core.spreadsheets.tables import Header, Table, tables
from apps.core.spreadsheets.workbook import Merged, RawRow

MOST_ROWS = 5_000
MOST_BYTES = 10 * 1024 * 1024


def read(
    file: BinaryIO | File,
    *,
    columns: Sequence[Column],
    most_rows: int = MOST_ROWS,
    most_bytes: int = MOST_BYTES,
    unique: Sequence[str] = (),
) -> Iterator[Row]:
    """Every row below the titles of the first sheet that has them; all of them are counted before the first is given.

    Whether it is an .xlsx or a .csv, in which encoding and with which delimiter, its content tells. What is wrong with
    a row is in its ``problems``: so is that a row before it has the same values of the columns ``unique``, that it is
    hidden (nobody has looked at it), or part of merged cells. Messages are in the language that is active.

    Raises SpreadsheetRefused, at once, for a file that cannot be used as a whole: too large, damaged, protected, of
    another kind, without the titles that are required, with one of them twice, without rows or with too many.
    Holds neither the file nor a sheet in memory, but every different text of an .xlsx, 16 MiB at most. ``file`` can
    be sought in, and stays open and as long as the rows are read unchanged.
    """
    stream: BinaryIO = file  # type: ignore[assignment]  # Django's File passes on all that is asked of it
    _check_size(stream, most_bytes)
    table, header = _find(tables(stream), columns)
    merged = _survey(table, header, most_rows)
    return _rows(table, header, columns, unique, merged)


def _check_size(file: BinaryIO, most_bytes: int) -> None:
    file.seek(0, 2)
    size = file.tell()
    if not size:
        raise SpreadsheetRefused(_("The file is empty."))
    if size > most_bytes:
        raise SpreadsheetRefused(
            _("The file has %(size).1f MB; no more than %(most).0f MB are taken: split it.")
            % {"size": size / 1024**2, "most": most_bytes / 1024**2}
        )


def _find(found: list[Table], columns: Sequence[Column]) -> tuple[Table, Header]:
    """The first table that has what is required; of a text, cut in the way that finds most."""
    required = {column.key for column in columns if column.required}
    headers = [(table, table.header(columns)) for table in found]
    complete = [it for it in headers if required <= it[1].places.keys()]
    if not complete:
        raise SpreadsheetRefused(_what_is_missing(headers, columns))
    is_text = not found[0].name
    table, header = max(complete, key=_titles_found) if is_text else complete[0]
    if header.twice:
        raise SpreadsheetRefused(
            _("More than one column is called %(titles)s: keep one of them.")
            % {"titles": _listed(header.twice)}
        )
    return table, header


def _titles_found(found: tuple[Table, Header]) -> int:
    return len(found[1].places)


def _what_is_missing(headers: list[tuple[Table, Header]], columns: Sequence[Column]) -> str:
    table, best = max(headers, key=_titles_found)
    missing = [it.title for it in columns if it.required and it.key not in best.places]
    there = [it.title for it in columns if it.key in best.places]
    said = [
        _("The titles of these columns are missing: %(titles)s.") % {"titles": _listed(missing)}
    ]
    if there:
        place = {"titles": _listed(there), "row": best.row}
        said.append(_("Found in row %(row)d: %(titles)s.") % place)
    elif best.seen:
        said.append(
            _("Row %(row)d has: %(titles)s.") % {"row": best.row, "titles": _listed(best.seen)}
        )
    names = [it.name for it, _header in headers if it.name]
    if len(names) > 1:
        said.append(_("Sheets: %(names)s.") % {"names": _listed(names)})
    return " ".join(said)


def _listed(titles: Sequence[str]) -> str:
    shown = "、".join(title[:30] for title in titles[:10])
    return f"{shown} …" if len(titles) > 10 else shown


def _survey(table: Table, header: Header, most_rows: int) -> list[Merged]:
    """What is merged in a table that has rows, and not too many."""
    count = 0
    merged = []
    for part in table.read(header.places.values()):
        if isinstance(part, Merged):
            merged.append(part)
            continue
        count += _is_data(part, header)
        if count > most_rows:
            raise SpreadsheetRefused(
                ngettext(
                    "There is more than %(most)d row: split the file.",
                    "There are more than %(most)d rows: split the file.",
                    most_rows,
                )
                % {"most": most_rows}
            )
    if not count:
        raise SpreadsheetRefused(_("There are no rows below the titles."))
    return merged


def _is_data(row: RawRow, header: Header) -> bool:
    return row.number > header.row and not all(map(is_empty, row.cells.values()))


def _rows(
    table: Table,
    header: Header,
    columns: Sequence[Column],
    unique: Sequence[str],
    merged: list[Merged],
) -> Iterator[Row]:
    merges = _Merges(merged, header)
    first_with: dict[tuple, int] = {}
    for raw in table.rows(header.places.values()):
        if not _is_data(raw, header):
            continue
        row = _row(raw, header, columns)
        if raw.is_hidden:
            row.problems.append(
                Problem(raw.number, "", _("This row is hidden: show it, or delete it."))
            )
        row.problems.extend(merges.problems(raw.number))
        values = tuple(row.values[key] for key in unique)
        is_whole = values and None not in values
        first = first_with.setdefault(values, raw.number) if is_whole else raw.number
        if first != raw.number:
            said = _("The same as in row %(row)d.") % {"row": first}
            row.problems.append(Problem(raw.number, _titles(columns, unique), said))
        yield row


def _titles(columns: Sequence[Column], keys: Sequence[str]) -> str:
    return "、".join(column.title for column in columns if column.key in keys)


def _row(raw: RawRow, header: Header, columns: Sequence[Column]) -> Row:
    row = Row(raw.number, {})
    for column in columns:
        row.values[column.key] = None
        if column.key in header.places:
            try:
                cell = raw.cells.get(header.places[column.key])
                row.values[column.key] = value_of(column, cell)
            except CellRefused as refusal:
                row.problems.append(Problem(raw.number, column.title, str(refusal)))
    return row


class _Merges:
    """The merged cells below the titles, in columns that matter. Rows are asked after from above to below."""

    def __init__(self, merged: list[Merged], header: Header) -> None:
        places = header.places.values()
        self._coming = sorted(
            (
                it
                for it in merged
                if it.last_row > header.row
                and any(it.first_column <= place <= it.last_column for place in places)
            ),
            key=lambda it: it.first_row,
            reverse=True,
        )
        self._here: list[Merged] = []

    def problems(self, row: int) -> list[Problem]:
        while self._coming and self._coming[-1].first_row <= row:
            self._here.append(self._coming.pop())
        self._here = [it for it in self._here if it.last_row >= row]
        if not self._here:
            return []
        return [Problem(row, "", _("Cells are merged here: unmerge them and fill in every row."))]
