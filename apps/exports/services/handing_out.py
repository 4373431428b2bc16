"""A short list, handed out while the browser waits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from apps.core.spreadsheets import write_csv, write_xlsx
from apps.exports.models import Export
from apps.exports.selectors import Listing
from apps.exports.services.ordering import chosen_columns
from apps.exports.services.rows import Sheet

IN_MEMORY = 1024 * 1024


def csv_of(export: Export, listed: Listing) -> Iterator[bytes]:
    """Piece by piece. How many rows went out is written down at the end, also when the browser goes away before."""
    sheet = Sheet(listed, chosen_columns(listed, export.columns))
    with _written_down(export, lambda: sheet.written):
        yield from write_csv(sheet.titles, sheet.rows())


def workbook_of(export: Export, listed: Listing) -> BinaryIO:
    """In a temporary file, which whoever reads it closes."""
    sheet = Sheet(listed, chosen_columns(listed, export.columns))
    file = cast("BinaryIO", SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  # the answer closes it
    with _written_down(export, lambda: sheet.written):
        write_xlsx(sheet.titles, sheet.rows(), file)
    file.seek(0)
    return file


@contextmanager
def _written_down(export: Export, rows: Callable[[], int]) -> Iterator[None]:
    try:
        yield
    except GeneratorExit:
        Export.objects.go_on(export, rows=rows())
        Export.objects.cancel(export.pk)
        raise
    except Exception as fault:
        Export.objects.fail(export, type(fault).__name__)
        raise
    Export.objects.finish(export, rows=rows())
