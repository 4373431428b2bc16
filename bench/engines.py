"""What the embedded engine was compared with: the same documents, each engine as its manual says."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import rjieba
import tantivy

from apps.search.gateways import analysis, fields
from apps.search.gateways.base import Asked, Document
from apps.search.gateways.embedded import EmbeddedEngine

WEIGHTS = {"name": 4.0, "brand": 3.0, "category": 2.0, "specs": 2.0, "caption": 1.0}


class Candidate(Protocol):
    name: str

    def build(self, documents: Iterable[Document]) -> None: ...

    def top(self, text: str, count: int) -> list[int]: ...


def texts(document: Document) -> dict[str, str]:
    return {
        "name": document.name,
        "brand": document.brand,
        "category": document.categories[-1],
        "specs": " ".join(value for _, value in document.specs),
        "caption": document.caption,
    }


class Ours:
    name = "tantivy, ours"

    def __init__(self, directory: Path) -> None:
        self._engine = EmbeddedEngine(directory)

    def build(self, documents: Iterable[Document]) -> None:
        self._engine.rebuild(documents)

    def top(self, text: str, count: int) -> list[int]:
        return self._engine.search(Asked(text, limit=count)).ids


class OursByWords(Ours):
    """The same steps, on jieba's words instead of pairs of characters."""

    name = "tantivy, ours by words"

    def build(self, documents: Iterable[Document]) -> None:
        with self._words():
            super().build(documents)

    def top(self, text: str, count: int) -> list[int]:
        with self._words():
            return super().top(text, count)

    @contextmanager
    def _words(self) -> Iterator[None]:
        pairs = analysis.pairs
        analysis.pairs = _words_of
        fields._tokens.cache_clear()
        try:
            yield
        finally:
            analysis.pairs = pairs
            fields._tokens.cache_clear()


@lru_cache(maxsize=1 << 16)
def _words_of(run: str) -> list[str]:
    return list(rjieba.cut_for_search(run))


class PlainTantivy:
    """Tokens of every field, ranked by BM25; three of four must be found."""

    def __init__(self, name: str, cut: Callable[[str], Sequence[str]], directory: Path) -> None:
        self.name = name
        self._cut = cut
        builder = tantivy.SchemaBuilder().add_unsigned_field("id", indexed=True, fast=True)
        for field in WEIGHTS:
            builder.add_text_field(field, tokenizer_name="spaces")
        self._schema = builder.build()
        directory.mkdir(parents=True)
        self._index = tantivy.Index(self._schema, path=str(directory))
        spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("spaces", spaces)

    def build(self, documents: Iterable[Document]) -> None:
        writer = self._index.writer(64_000_000, 1)
        for document in documents:
            fields = {name: " ".join(self._cut(text)) for name, text in texts(document).items()}
            row = {"id": document.id, **fields}
            writer.add_document(tantivy.Document.from_dict(row, self._schema))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def top(self, text: str, count: int) -> list[int]:
        words = [self._anywhere(token) for token in dict.fromkeys(self._cut(text))]
        query = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, word) for word in words],
            minimum_number_should_match=max(1, len(words) * 3 // 4),
        )
        searcher = self._index.searcher()
        hits = searcher.search(query, count).hits
        return [int(each) for each in searcher.fast_field_values("id", [at for _, at in hits])]

    def _anywhere(self, token: str) -> Any:
        q = tantivy.Query
        return q.disjunction_max_query(
            [
                q.boost_query(q.term_query(self._schema, field, token), weight)
                for field, weight in WEIGHTS.items()
            ],
            0.2,
        )


def jieba(text: str) -> list[str]:
    cut = rjieba.cut_for_search(analysis.normalised(text))
    return [word for word in cut if re.search(r"\w", word)]


class Trigrams:
    """SQLite's FTS5; it finds nothing shorter than three characters."""

    name = "SQLite FTS5, trigrams"

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file)
        columns = ", ".join(WEIGHTS)
        self._database.execute(f"CREATE VIRTUAL TABLE skus USING fts5({columns}, tokenize=trigram)")

    def build(self, documents: Iterable[Document]) -> None:
        rows = ((each.id, *texts(each).values()) for each in documents)
        self._database.executemany("INSERT INTO skus (rowid, name, brand, category, specs, caption) "
                                   "VALUES (?, ?, ?, ?, ?, ?)", rows)  # fmt: skip
        self._database.commit()

    def top(self, text: str, count: int) -> list[int]:
        parts = [
            part
            for run in analysis.runs(text)
            for part in (run[i : i + 3] for i in range(max(1, len(run) - 2)))
        ]
        match = " OR ".join(f'"{part}"' for part in parts if len(part) == 3)
        weights = ", ".join(map(str, WEIGHTS.values()))
        statement = (
            f"SELECT rowid FROM skus WHERE skus MATCH ? ORDER BY bm25(skus, {weights}) LIMIT ?"  # noqa: S608
        )
        return (
            [row[0] for row in self._database.execute(statement, (match, count))] if match else []
        )


class Xapian:
    """As django-haystack's backend uses it, with CJK n-grams and spelling correction."""

    name = "Xapian, n-grams"

    def __init__(self, directory: Path) -> None:
        import xapian

        self._xapian = xapian
        self._path = str(directory)
        self._database = xapian.WritableDatabase(self._path, xapian.DB_CREATE_OR_OVERWRITE)

    def build(self, documents: Iterable[Document]) -> None:
        generator = self._xapian.TermGenerator()
        generator.set_database(self._database)
        generator.set_flags(generator.FLAG_CJK_NGRAM | generator.FLAG_SPELLING)
        for document in documents:
            stored = self._xapian.Document()
            generator.set_document(stored)
            for field, text in texts(document).items():
                generator.index_text(analysis.normalised(text), int(WEIGHTS[field]))
                generator.increase_termpos()
            self._database.replace_document(document.id, stored)
        self._database.commit()

    def top(self, text: str, count: int) -> list[int]:
        parser = self._xapian.QueryParser()
        parser.set_database(self._database)
        flags = parser.FLAG_CJK_NGRAM | parser.FLAG_SPELLING_CORRECTION
        # No operators in the flags, and still it refuses some texts; what it refuses it does not find.
        try:
            query = parser.parse_query(" ".join(analysis.runs(text)), flags)
        except self._xapian.QueryParserError:
            return []
        if corrected := parser.get_corrected_query_string():
            query = parser.parse_query(corrected.decode(), flags)
        enquire = self._xapian.Enquire(self._database)
        enquire.set_query(query)
        return [match.docid for match in enquire.get_mset(0, count)]


def candidates(directory: Path) -> Iterable[Callable[[], Candidate]]:
    yield lambda: Ours(directory / "ours")
    yield lambda: OursByWords(directory / "words")
    yield lambda: PlainTantivy("tantivy, jieba", jieba, directory / "jieba")
    yield lambda: PlainTantivy("tantivy, bigrams", analysis.tokens, directory / "bigrams")
    yield lambda: Trigrams(directory / "trigrams.sqlite3")
    yield lambda: Xapian(directory / "xapian")
