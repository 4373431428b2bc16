"""What an engine is given and what it answers, whichever engine it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

ORDERINGS = ("price", "sales", "create_time")


@dataclass(frozen=True)
class Document:
    """A SKU on sale, as far as one can search, filter and order by it. ``price`` is CNY yuan.

    ``categories`` are names and ids from the first level to the third; ``specs`` pairs of name and value.
    """

    id: int
    name: str
    caption: str
    goods: str
    brand_id: int
    brand: str
    category_ids: tuple[int, ...]
    categories: tuple[str, ...]
    specs: tuple[tuple[str, str], ...]
    price: Decimal
    sales: int
    create_time: datetime
    in_stock: bool


@dataclass(frozen=True)
class Filters:
    """What a result must be beside what it is called; values of one specification are alternatives."""

    brands: tuple[int, ...] = ()
    category: int | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    specs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    in_stock: bool = False


@dataclass(frozen=True)
class Asked:
    """A search. ``ordering`` is "" for relevance, or one of ORDERINGS with or without "-"."""

    text: str
    filters: Filters = Filters()
    ordering: str = ""
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True)
class Found:
    """The ids of one page in their order, and how many there are on all pages."""

    ids: list[int]
    count: int


@dataclass(frozen=True)
class Facets:
    """How many results there would be by brand id, by leaf category id, by specification and value.

    Each is counted as if nothing were chosen of it, so that one can choose another; so is the span of ``prices``, in
    CNY yuan, None without results. ``count`` is of what matches everything.
    """

    count: int
    brands: dict[int, int]
    categories: dict[int, int]
    specs: dict[str, dict[str, int]]
    prices: tuple[Decimal, Decimal] | None


Changes = tuple[Iterable[Document], Iterable[int]]
"""SKUs as they are now, and the ids of those that are not on sale any more."""


def no_changes() -> Changes:
    return (), ()


class Engine(Protocol):
    """Stores documents and finds them. Every method raises SearchUnavailable when the index cannot be used.

    One process at a time may write. ``lock_file`` keeps the others of this machine out; None where they may be on
    other machines.
    """

    @property
    def lock_file(self) -> Path | None: ...

    def is_ready(self) -> bool:
        """Whether there is an index that can be searched."""

    def index(self, documents: Iterable[Document], gone: Iterable[int]) -> None:
        """Show these as they are now and those ids no more, for every search that starts after this returns."""

    def rebuild(
        self, documents: Iterable[Document], catch_up: Callable[[], Changes] = no_changes
    ) -> None:
        """Replace everything by these, at once when the last is stored; until then searches see what was there.

        ``catch_up`` is called when the last is stored, and what it tells is brought in before anybody searches.
        """

    def sold_out(self, first: int, last: int) -> set[int]:
        """The ids from first to last, at most 10,000, that are shown as out of stock."""

    def search(self, asked: Asked) -> Found: ...

    def facets(self, asked: Asked) -> Facets: ...

    def suggest(self, text: str, limit: int) -> list[str]:
        """What a buyer may be about to type, the most frequent first."""
