"""Searches in the query language of Elasticsearch and OpenSearch."""

from collections.abc import Iterator, Mapping
from typing import Any

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

MOST_BUCKETS = 500
TIE_BREAKER = 0.2


def queries(asked: Asked) -> Iterator[dict[str, Any]]:
    """The ways to understand the text, the first that leads to anything being meant."""
    if not asked.text.strip():
        yield {"match_all": {}}
    else:
        yield from map(_query, plan.steps(asked.text))


def scored(query: Mapping[str, Any], filters: Filters) -> dict[str, Any]:
    """Narrowed, and ordered by relevance and a little by what sells."""
    return {
        "function_score": {
            "query": {"bool": {"must": [query], "filter": _conditions(filters)}},
            "field_value_factor": {"field": "popularity", "missing": 1},
            "boost_mode": "multiply",
        }
    }


def sort(asked: Asked) -> list[Any]:
    ordering = asked.ordering or ("" if asked.text.strip() else "-sales")
    if not ordering:
        return [{"_score": "desc"}, {"by_create_time": "desc"}]
    return [{f"by_{ordering.removeprefix('-')}": "desc" if ordering.startswith("-") else "asc"}]


def all_of(filters: Filters) -> dict[str, Any]:
    return {"bool": {"filter": _conditions(filters)}}


def sold_out(first: int, last: int) -> dict[str, Any]:
    ids = {"range": {"id": {"gte": first, "lte": last}}}
    return {"bool": {"filter": [{"term": {"in_stock": 0}}, ids]}}


def _conditions(filters: Filters) -> list[Any]:
    found: list[Any] = []
    if filters.brands:
        found.append({"terms": {"brand_id": list(filters.brands)}})
    if filters.category is not None:
        found.append({"term": {"category_id": filters.category}})
    for name, values in filters.specs.items():
        found.append({"terms": {"spec": [fields.spec(name, value) for value in values]}})
    if filters.in_stock:
        found.append({"term": {"in_stock": 1}})
    if filters.min_price is not None:
        found.append({"range": {"price": {"gte": fields.fen(filters.min_price)}}})
    if filters.max_price is not None:
        found.append({"range": {"price": {"lte": fields.fen(filters.max_price)}}})
    return found


def _query(clause: Clause) -> dict[str, Any]:
    match clause:
        case Term(field, token):
            return {"term": {field: token}}
        case Phrase(field, tokens):
            return {"match_phrase": {field: " ".join(tokens)}}
        case Near(field, token):
            return {"fuzzy": {field: {"value": token, "fuzziness": 1}}}
        case Prefix(field, start):
            return {"prefix": {field: start}}
        case Every(clauses, better):
            return {"bool": {"must": [*map(_query, clauses)], "should": [*map(_query, better)]}}
        case Some(clauses, at_least):
            return {"bool": {"should": [*map(_query, clauses)], "minimum_should_match": at_least}}
        case Best(clauses):
            return {"dis_max": {"queries": [*map(_query, clauses)], "tie_breaker": TIE_BREAKER}}
        case Weighted(inner, weight):
            return {"bool": {"must": [_query(inner)], "boost": weight}}


def terms(field: str) -> dict[str, Any]:
    return {"terms": {"field": field, "size": MOST_BUCKETS}}
