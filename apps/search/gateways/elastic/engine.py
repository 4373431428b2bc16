"""A search server that many machines share: Elasticsearch 8, OpenSearch 2 or newer, by their plain REST interface.

All cutting of texts is ours (``fields``), so the server needs no plugin: it splits at spaces. ``SEARCH_URL`` ends with
the name of an alias, ``http://user:password@host:9200/meiduo``; the indexes behind it are called ``meiduo-`` and twelve
hexadecimal digits.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from secrets import token_hex
from typing import Any
from urllib.parse import unquote, urlsplit

from urllib3 import PoolManager, Retry, Timeout
from urllib3.util import make_headers

from apps.search.gateways import fields
from apps.search.gateways.base import Asked, Changes, Document, Facets, Filters, Found, no_changes
from apps.search.gateways.elastic.queries import (
    all_of,
    queries,
    scored,
    sold_out,
    sort,
    terms,
)
from apps.search.gateways.outages import Outages

BATCH = 500
# A search that takes longer is an outage; a batch may take its time.
SEARCH_SECONDS, WRITE_SECONDS = 3.0, 60.0

_TEXT = {"type": "text", "analyzer": "whitespace"}
_BAG = {**_TEXT, "index_options": "docs", "norms": False}
_NUMBERS = (
    "id", "brand_id", "category_id", "leaf_id", "in_stock",
    "price", "by_price", "by_sales", "by_create_time",
)  # fmt: skip
_INDEX = {
    "settings": {"number_of_shards": 1, "number_of_replicas": 1},
    "mappings": {
        "dynamic": "strict",
        "_source": {"enabled": False},
        "properties": {
            **dict.fromkeys(fields.PHRASES, _TEXT),
            **dict.fromkeys(fields.BAGS, _BAG),
            **dict.fromkeys(("suggest", "spec"), {"type": "keyword"}),
            **dict.fromkeys(_NUMBERS, {"type": "long"}),
            "popularity": {"type": "double", "index": False},
        },
    },
}


class ElasticEngine:
    """Safe to share between threads."""

    lock_file = None

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._alias = parts.path.strip("/")
        if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", self._alias):
            raise ValueError(
                "SEARCH_URL must end with the name of an alias: lower-case letters, digits and _"
            )
        headers = {}
        if parts.username:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers = make_headers(basic_auth=login)
        self._root = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._http = PoolManager(maxsize=8, headers=headers, retries=Retry(0, redirect=0))
        self._outages = Outages()

    # --- Writing ----------------------------------------------------------------------------------

    def index(self, documents: Iterable[Document], gone: Iterable[int]) -> None:
        with self._outages.noticed():
            actions = [*map(_put, documents), *map(_remove, gone)]
            self._bulk(self._alias, actions, refresh="wait_for")

    def rebuild(
        self, documents: Iterable[Document], catch_up: Callable[[], Changes] = no_changes
    ) -> None:
        with self._outages.noticed():
            name = f"{self._alias}-{token_hex(6)}"
            self._ask("PUT", f"/{name}", _INDEX)
            self._store(name, map(_put, documents))
            changed, gone = catch_up()
            self._store(name, chain(map(_put, changed), map(_remove, gone)))
            self._ask("POST", f"/{name}/_refresh")
            old = [each for each in self._indexes() if each != name]
            # One request: no search sees both, or none.
            self._ask(
                "POST",
                "/_aliases",
                {
                    "actions": [
                        {
                            "remove": {
                                "index": f"{self._alias}-*",
                                "alias": self._alias,
                                "must_exist": False,
                            }
                        },
                        {"add": {"index": name, "alias": self._alias}},
                    ]
                },
            )
            for each in old:
                self._ask("DELETE", f"/{each}")

    def _indexes(self) -> list[str]:
        """Every index of ours, those of rebuilds that were killed included."""
        rows = self._ask("GET", f"/_cat/indices/{self._alias}-*?format=json&h=index")
        ours = re.compile(rf"{self._alias}-[0-9a-f]{{12}}")
        return [row["index"] for row in rows if ours.fullmatch(row["index"])]

    def _store(self, index: str, actions: Iterator[list[Any]]) -> None:
        while batch := list(islice(actions, BATCH)):
            self._bulk(index, batch, refresh="false")

    def _bulk(self, index: str, actions: list[list[Any]], *, refresh: str) -> None:
        if not actions:
            return
        lines = "".join(f"{json.dumps(line)}\n" for action in actions for line in action)
        # The alias must be there: a bulk request would make an index of its name, without our mapping.
        path = f"/{index}/_bulk?refresh={refresh}&require_alias={str(index == self._alias).lower()}"
        answer = self._ask("POST", path, lines, "application/x-ndjson")
        for item in answer["items"] if answer["errors"] else ():
            ((action, result),) = item.items()
            if result["status"] >= 400 and (action, result["status"]) != ("delete", 404):
                raise ValueError(f"{action} {result['_id']}: {result.get('error')}")

    # --- Reading ----------------------------------------------------------------------------------

    def is_ready(self) -> bool:
        with self._outages.noticed():
            return self._status("HEAD", f"/_alias/{self._alias}") == 200

    def search(self, asked: Asked) -> Found:
        page = {"from": asked.offset, "size": asked.limit, "sort": sort(asked)}
        with self._outages.noticed():
            for query in queries(asked):
                found = self._search({**page, "query": scored(query, asked.filters)})
                count = found["hits"]["total"]["value"]
                if count or (asked.filters != Filters() and self._count(query)):
                    return Found([int(hit["_id"]) for hit in found["hits"]["hits"]], count)
        return Found([], 0)

    def sold_out(self, first: int, last: int) -> set[int]:
        with self._outages.noticed():
            found = self._search({"size": last - first + 1, "query": sold_out(first, last)})
        return {int(hit["_id"]) for hit in found["hits"]["hits"]}

    def facets(self, asked: Asked) -> Facets:
        chosen = asked.filters
        any_price = replace(chosen, min_price=None, max_price=None)
        wanted = {
            "count": (chosen, {}),
            "brands": (replace(chosen, brands=()), terms("brand_id")),
            "categories": (replace(chosen, category=None), terms("leaf_id")),
            "prices": (any_price, {"stats": {"field": "price"}}),
            "specs": (chosen, terms("spec")),
            **{
                f"spec {name}": (fields.without_spec(chosen, name), terms("spec"))
                for name in chosen.specs
            },
        }
        aggregations = {
            name: {"filter": all_of(filters), **({"aggs": {"of": each}} if each else {})}
            for name, (filters, each) in wanted.items()
        }
        with self._outages.noticed():
            for query in queries(asked):
                found = self._search({"size": 0, "query": query, "aggs": aggregations})
                if found["hits"]["total"]["value"]:
                    return _facets(found["aggregations"], chosen)
        return fields.NO_FACETS

    def suggest(self, text: str, limit: int) -> list[str]:
        with self._outages.noticed():
            for key in fields.suggestion_keys(text):
                begins = re.sub(r"(\W)", r"\\\1", key) + ".*"
                wanted = {"field": "suggest", "include": begins, "size": 5 * limit}
                found = self._search({"size": 0, "aggs": {"of": {"terms": wanted}}})
                buckets = found["aggregations"]["of"]["buckets"]
                if shown := dict.fromkeys(fields.suggestion_of(each["key"]) for each in buckets):
                    return list(shown)[:limit]
        return []

    def _search(self, body: Mapping[str, Any]) -> Any:
        return self._ask("POST", f"/{self._alias}/_search", {"track_total_hits": True, **body})

    def _count(self, query: Mapping[str, Any]) -> int:
        count: int = self._search({"size": 0, "query": query})["hits"]["total"]["value"]
        return count

    # --- The wire ---------------------------------------------------------------------------------

    def _ask(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        """The parsed answer; ValueError when it is a refusal, HTTPError or OSError when there is none."""
        is_search = path.endswith("/_search")
        answer = self._http.request(
            method,
            f"{self._root}{path}",
            body=body if body is None or isinstance(body, str) else json.dumps(body),
            headers={**self._http.headers, "Content-Type": kind},
            timeout=Timeout(connect=1, read=SEARCH_SECONDS if is_search else WRITE_SECONDS),
        )
        if answer.status >= 400:
            raise ValueError(f"{method} {path}: {answer.status} {answer.data[:500]!r}")
        return json.loads(answer.data)

    def _status(self, method: str, path: str) -> int:
        return self._http.request(method, f"{self._root}{path}", timeout=SEARCH_SECONDS).status


def _put(document: Document) -> list[Any]:
    row = fields.of(document)
    return [{"index": {"_id": str(row["id"])}}, row]


def _remove(sku_id: int) -> list[Any]:
    return [{"delete": {"_id": str(sku_id)}}]


def _facets(found: Mapping[str, Any], chosen: Filters) -> Facets:
    def counts(name: str) -> dict[Any, int]:
        return {each["key"]: each["doc_count"] for each in found[name]["of"]["buckets"]}

    specs = fields.specs_by_name(counts("specs"))
    for name in chosen.specs:
        specs[name] = fields.specs_by_name(counts(f"spec {name}")).get(name, {})
    prices = found["prices"]["of"]
    return Facets(
        count=found["count"]["doc_count"],
        brands=counts("brands"),
        categories=counts("categories"),
        specs=specs,
        prices=(fields.yuan(prices["min"]), fields.yuan(prices["max"]))
        if prices["count"]
        else None,
    )
