"""XML that anybody may have made, read piece by piece: no document type, nothing outside, no long tokens."""

from collections.abc import Iterator
from typing import IO, Any, Generic, TypeVar
from xml.parsers import expat

from django.utils.translation import gettext as _

from apps.core.spreadsheets.exceptions import SpreadsheetRefused

PIECE = 64 * 1024
LONGEST_TEXT = 32_767
"""Characters; Excel has no longer cells."""
LONGEST_TOKEN = 1024 * 1024
"""Bytes of one tag with its attributes, or of one comment: expat holds it in memory until its end."""

T = TypeVar("T")


def damaged() -> SpreadsheetRefused:
    return SpreadsheetRefused(
        _("The file is damaged: open it in Excel or WPS, save it as .xlsx again, and upload that.")
    )


class Pieces(Generic[T]):
    """Reads a part of a workbook; what ``started`` and ``ended`` put into ``found`` is handed on.

    Names come without their namespaces: Excel has two sets of those, and anybody's prefixes are allowed.
    """

    def __init__(self) -> None:
        self.found: list[T] = []
        self.text: list[str] = []
        self.is_listening = False
        self._length = 0
        self._fed = 0
        self._progress = 0
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        # Neither entities that unfold into gigabytes, nor such that name other files.
        self._parser.StartDoctypeDeclHandler = self._doctype

    def started(self, name: str, attributes: dict[str, str]) -> None: ...

    def ended(self, name: str) -> None: ...

    def read(self, part: IO[bytes]) -> Iterator[T]:
        """Raises SpreadsheetRefused."""
        try:
            while piece := part.read(PIECE):
                self._fed += len(piece)
                self._parser.Parse(piece, False)
                if self._fed - self._progress > LONGEST_TOKEN:
                    raise damaged()
                yield from self._taken()
            self._parser.Parse(b"", True)
        except expat.ExpatError:
            raise damaged() from None
        yield from self._taken()

    def heard(self) -> str:
        """The text since the last time that this was asked."""
        text = "".join(self.text)
        self.text.clear()
        self._length = 0
        return text

    def _taken(self) -> list[T]:
        taken, self.found = self.found, []
        return taken

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._progress = self._fed
        self.started(name.rpartition("}")[2], attributes)

    def _end(self, name: str) -> None:
        self._progress = self._fed
        self.ended(name.rpartition("}")[2])

    def _data(self, text: str) -> None:
        self._progress = self._fed
        if self.is_listening:
            self._length += len(text)
            if self._length > LONGEST_TEXT:
                raise damaged()
            self.text.append(text)

    def _doctype(self, *args: Any) -> None:
        raise damaged()
