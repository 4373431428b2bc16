"""The engine inside the shop: a tantivy index in a directory.

``current`` names the index that is searched. Every process opens it once, and before each search looks whether another
one is named or something was committed. Files are trusted after their checksums were found right: what is damaged is
refused, not read.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Any

import tantivy

from apps.search.gateways import fields
from apps.search.gateways.base import Asked, Changes, Document, Facets, Filters, Found, no_changes
from apps.search.gateways.embedded.checksums import Checksums
from apps.search.gateways.embedded.index import SCHEMA, register, schema, write
from apps.search.gateways.embedded.queries import (
    count_of,
    first_step_that_finds,
    narrowed,
    sold_out,
    text_query,
)
from apps.search.gateways.outages import Outages

MOST_BUCKETS = 500


class EmbeddedEngine:
    """Safe to share between threads; any number of processes read, one writes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.lock_file = root / "writer.lock"
        self._lock = threading.Lock()
        self._checksums = Checksums()
        self._opened: tuple[str, tantivy.Index] | None = None
        self._generation: tuple[str, int, int] | None = None
        self._outages = Outages()

    # --- Writing ----------------------------------------------------------------------------------

    def index(self, documents: Iterable[Document], gone: Iterable[int]) -> None:
        with self._guarded():
            write(self._index(), documents, gone)

    def rebuild(
        self, documents: Iterable[Document], catch_up: Callable[[], Changes] = no_changes
    ) -> None:
        name = f"index-{token_hex(6)}"
        directory = self._root / name
        directory.mkdir(parents=True)
        new = tantivy.Index(schema(), path=str(directory))
        write(new, documents, ())
        write(new, *catch_up())
        (self._root / "next").write_text(name)
        os.replace(self._root / "next", self._root / "current")
        # Whoever still searches an old index has its files open; a rebuild that was killed left some, too.
        for old in self._root.glob("index-*"):
            if old != directory:
                shutil.rmtree(old, ignore_errors=True)

    def is_ready(self) -> bool:
        with suppress(FileNotFoundError, ValueError), self._lock:
            self._reopened()
            return True
        return False

    # --- Reading ----------------------------------------------------------------------------------

    def search(self, asked: Asked) -> Found:
        with self._guarded():
            searcher = self._index().searcher()
            result = first_step_that_finds(searcher, asked)
            return Found(_ids(searcher, result), result.count)

    def sold_out(self, first: int, last: int) -> set[int]:
        with self._guarded():
            searcher = self._index().searcher()
            return set(_ids(searcher, searcher.search(sold_out(first, last), last - first + 1)))

    def facets(self, asked: Asked) -> Facets:
        chosen = asked.filters
        any_price = replace(chosen, min_price=None, max_price=None)
        with self._guarded():
            searcher = self._index().searcher()
            text = text_query(searcher, asked)

            def counts(field: str, filters: Filters) -> dict[Any, int]:
                terms = {"of": {"terms": {"field": field, "size": MOST_BUCKETS}}}
                found = searcher.aggregate(narrowed(text, filters), terms)
                return {each["key"]: each["doc_count"] for each in found["of"]["buckets"]}

            def specs(filters: Filters) -> dict[str, dict[str, int]]:
                return fields.specs_by_name(counts("spec", filters))

            stats = {"of": {"stats": {"field": "price"}}}
            prices = searcher.aggregate(narrowed(text, any_price), stats)["of"]
            return Facets(
                count=count_of(searcher, narrowed(text, chosen)),
                brands=_of_ids(counts("brand_id", replace(chosen, brands=()))),
                categories=_of_ids(counts("leaf_id", replace(chosen, category=None))),
                specs={
                    **specs(chosen),
                    **{
                        name: specs(fields.without_spec(chosen, name)).get(name, {})
                        for name in chosen.specs
                    },
                },
                prices=(fields.yuan(prices["min"]), fields.yuan(prices["max"]))
                if prices["count"]
                else None,
            )

    def suggest(self, text: str, limit: int) -> list[str]:
        with self._guarded():
            searcher = self._index().searcher()
            for key in fields.suggestion_keys(text):
                # Several keys lead to one suggestion, and one is kept of each.
                terms = searcher.terms_with_prefix("suggest", key, limit=5 * limit)
                if shown := dict.fromkeys(fields.suggestion_of(term) for term, _ in terms):
                    return list(shown)[:limit]
        return []

    # --- The index --------------------------------------------------------------------------------

    def _index(self) -> tantivy.Index:
        """The index as of its last commit."""
        with self._lock:
            for is_last in (False, True):
                try:
                    return self._reopened()
                except FileNotFoundError:  # replaced, or merged away, between two looks
                    if is_last:
                        raise
        raise AssertionError

    def _reopened(self) -> tantivy.Index:
        name = (self._root / "current").read_text()
        directory = self._root / name
        meta = (directory / "meta.json").stat()
        generation = (name, meta.st_ino, meta.st_mtime_ns)
        if self._opened and generation == self._generation:
            return self._opened[1]
        self._checksums.verify(directory)
        if self._opened is None or self._opened[0] != name or self._generation is None:
            index = tantivy.Index.open(str(directory))
            if index.schema != SCHEMA:
                raise ValueError("An older version of the shop built this index")
            index.config_reader(reload_policy="manual")
            register(index)
            self._opened = name, index
        self._opened[1].reload()
        self._generation = generation
        return self._opened[1]

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """An index that could not be used is opened anew next time."""
        with self._outages.noticed():
            try:
                yield
            except BaseException:
                self._generation = None
                raise


def _ids(searcher: tantivy.Searcher, result: Any) -> list[int]:
    addresses = [address for _, address in result.hits]
    return [int(each or 0) for each in searcher.fast_field_values("id", addresses)]


def _of_ids(counts: dict[Any, int]) -> dict[int, int]:
    """tantivy tells numbers as floating point."""
    return {int(key): count for key, count in counts.items()}
