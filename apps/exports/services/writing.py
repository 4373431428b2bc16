"""The worker's part: long lists are written into files that are kept for some days."""

import logging
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import override

from apps.core.exceptions import DomainError
from apps.core.private_files import private_storage
from apps.core.spreadsheets import write_csv, write_xlsx
from apps.exports.exceptions import TakenAway
from apps.exports.models import MOST_TRIES, Export
from apps.exports.selectors import listing
from apps.exports.services.ordering import chosen_columns
from apps.exports.services.rows import Sheet

logger = logging.getLogger(__name__)


def write_exports() -> int:
    """Write every export that waits, the oldest first; how many files there are now.

    Safe to run twice and at once: each is claimed, and whoever lost it stops at the next page. One whose worker died
    is taken up again from its beginning when it was silent for five minutes, three times at most; then it has failed.
    """
    Export.objects.give_up(timezone.now())
    written = 0
    while export := Export.objects.waiting(timezone.now()).order_by("pk").first():
        left = str(export.file)
        if not Export.objects.claim(export, timezone.now()):
            continue
        if left:
            private_storage().delete(left)
        written += _write(export)
    return written


def _write(export: Export) -> bool:
    """Whether its file can be had. What went wrong by itself is tried again, and is an error of the job's."""
    try:
        with override(export.language or None):
            rows = _save(export)
    except TakenAway:
        return False
    except DomainError as refusal:
        with override(export.language or None):
            Export.objects.fail(export, str(refusal.detail))
        return False
    except Exception as fault:
        if export.tries < MOST_TRIES:
            Export.objects.put_back(export)
        else:
            Export.objects.fail(export, type(fault).__name__)
        raise
    if Export.objects.finish(export, rows=rows):
        return True
    private_storage().delete(str(export.file))
    return False


def _save(export: Export) -> int:
    """Raises TakenAway, NotExportable, FilterRefused."""
    listed = listing(export.operator, export.model, export.query, export.ticked)
    sheet = Sheet(listed, chosen_columns(listed, export.columns))
    _go_on(export, estimated=listed.count())
    rows = sheet.rows(after_page=lambda written: _go_on(export, rows=written))
    with TemporaryFile() as file:
        to = cast("BinaryIO", file)
        if export.kind == Export.Kind.CSV:
            to.writelines(write_csv(sheet.titles, rows))
        else:
            write_xlsx(sheet.titles, rows, to)
        file.seek(0)
        _go_on(export, rows=sheet.written)
        private_storage().save(str(export.file), File(file))
    return sheet.written


def _go_on(export: Export, **how_far: int) -> None:
    if not Export.objects.go_on(export, **how_far):
        raise TakenAway
