"""Searches in tantivy's own terms."""

from collections.abc import Iterator
from typing import Any

import tantivy

from apps.search.gateways import fields, plan
from apps.search.gateways.base import Asked, Filters
from apps.search.gateways.clauses import (
    Best,
    Clause,
    Every,
    Near,
    Phrase,
    Prefix,
    Some,
    Term,
    Weighted,
)
from apps.search.gateways.embedded.index import SCHEMA

TIE_BREAKER = 0.2
Q = tantivy.Query


def first_step_that_finds(searcher: tantivy.Searcher, asked: Asked) -> Any:
    """One page, of the first way to understand the text that leads to anything."""
    if not asked.text.strip():
        return _page(searcher, narrowed(Q.all_query(), asked.filters), asked)
    result = None
    for step in plan.steps(asked.text):
        text = _query(step)
        result = _page(searcher, narrowed(text, asked.filters), asked)
        # What the filters leave nothing of is found all the same.
        if result.count or (asked.filters != Filters() and count_of(searcher, text)):
            return result
    return result or _page(searcher, Q.empty_query(), asked)


def text_query(searcher: tantivy.Searcher, asked: Asked) -> tantivy.Query:
    """The same way to understand the text, before any filter."""
    if not asked.text.strip():
        return Q.all_query()
    queries = map(_query, plan.steps(asked.text))
    return next((query for query in queries if count_of(searcher, query)), Q.empty_query())


def _page(searcher: tantivy.Searcher, query: tantivy.Query, asked: Asked) -> Any:
    ordering = asked.ordering or ("" if asked.text.strip() else "-sales")
    if not ordering:
        return searcher.search(
            query, asked.limit, offset=asked.offset, weight_by_field="popularity"
        )
    descending = ordering.startswith("-")
    return searcher.search(
        query,
        asked.limit,
        offset=asked.offset,
        order_by_field=f"by_{ordering.removeprefix('-')}",
        order=tantivy.Order.Desc if descending else tantivy.Order.Asc,
    )


def sold_out(first: int, last: int) -> tantivy.Query:
    ids = Q.range_query(SCHEMA, "id", tantivy.FieldType.Unsigned, first, last)
    gone = Q.term_query(SCHEMA, "in_stock", 0)
    return Q.boolean_query([(tantivy.Occur.Must, ids), (tantivy.Occur.Must, gone)])


def count_of(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    # Its stubs do not know of it.
    count: int = searcher.search(query, 1).count  # type: ignore[attr-defined]
    return count


def narrowed(query: tantivy.Query, filters: Filters) -> tantivy.Query:
    """What the query finds and the filters let through; they do not change the order."""
    conditions = list(_conditions(filters))
    if not conditions:
        return query
    return Q.boolean_query(
        [(tantivy.Occur.Must, query)]
        + [(tantivy.Occur.Must, Q.const_score_query(each, 0.0)) for each in conditions]
    )


def _conditions(filters: Filters) -> Iterator[tantivy.Query]:
    if filters.brands:
        yield Q.term_set_query(SCHEMA, "brand_id", list(filters.brands))
    if filters.category is not None:
        yield Q.term_query(SCHEMA, "category_id", filters.category)
    for name, values in filters.specs.items():
        yield Q.term_set_query(SCHEMA, "spec", [fields.spec(name, value) for value in values])
    if filters.in_stock:
        yield Q.term_query(SCHEMA, "in_stock", 1)
    if filters.min_price is not None or filters.max_price is not None:
        yield Q.range_query(
            SCHEMA,
            "price",
            tantivy.FieldType.Unsigned,
            lower_bound=None if filters.min_price is None else fields.fen(filters.min_price),
            upper_bound=None if filters.max_price is None else fields.fen(filters.max_price),
        )


def _query(clause: Clause) -> tantivy.Query:
    match clause:
        case Term(field, token):
            return Q.term_query(SCHEMA, field, token)
        case Phrase(field, tokens):
            return Q.phrase_query(SCHEMA, field, list(tokens))
        case Near(field, token):
            return Q.fuzzy_term_query(SCHEMA, field, token, distance=1)
        case Prefix(field, start):
            return Q.phrase_prefix_query(SCHEMA, field, [start])
        case Every(clauses, better):
            musts = [(tantivy.Occur.Must, _query(each)) for each in clauses]
            return Q.boolean_query(
                musts + [(tantivy.Occur.Should, _query(each)) for each in better]
            )
        case Some(clauses, at_least):
            return Q.boolean_query(
                [(tantivy.Occur.Should, _query(each)) for each in clauses],
                minimum_number_should_match=at_least,
            )
        case Best(clauses):
            return Q.disjunction_max_query([_query(each) for each in clauses], TIE_BREAKER)
        case Weighted(inner, weight):
            return Q.boost_query(_query(inner), weight)
