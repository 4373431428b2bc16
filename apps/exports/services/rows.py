from collections.abc import Callable, Iterator, Sequence

from apps.core.spreadsheets.writing import Cell
from apps.exports.selectors import ListColumn, Listing


class Sheet:
    """Titles and rows of an export, and how many rows were written so far."""

    def __init__(self, listed: Listing, columns: Sequence[ListColumn]) -> None:
        self.listed, self.columns = listed, columns
        self.written = 0

    @property
    def titles(self) -> list[str]:
        return [column.title for column in self.columns]

    def rows(
        self, after_page: Callable[[int], None] = lambda written: None
    ) -> Iterator[list[Cell]]:
        """One page of rows is in memory at a time; ``after_page`` hears how many rows there were so far."""
        related = sorted({column.related for column in self.columns if column.related})
        for page in self.listed.pages(related):
            for row in page:
                yield [column.value(row) for column in self.columns]
            self.written += len(page)
            after_page(self.written)
