"""Stands in for Elasticsearch: keeps documents in memory, refuses what the real one would, understands what we send.

It knows no scores: hits come in the order of the sort key, or of their ids.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOGIN = "Basic bWVpZHVvOnNlY3JldA=="  # meiduo:secret


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.indexes: dict[str, dict[str, dict[str, Any]]] = {}
        self.fields: dict[str, dict[str, Any]] = {}
        self.alias: dict[str, str] = {}
        self.asked: list[str] = []
        self.broken: tuple[int, str] | None = None

    @property
    def url(self) -> str:
        return f"http://meiduo:secret@127.0.0.1:{self.server_port}/meiduo"

    def answer(self, method: str, path: str, query: str, body: str) -> tuple[int, Any]:
        self.asked.append(f"{method} {path}")
        if self.broken:
            return self.broken
        match method, path.strip("/").split("/"):
            case "PUT", [name]:
                created = json.loads(body)
                assert created["mappings"]["dynamic"] == "strict"
                self.indexes[name], self.fields[name] = {}, created["mappings"]["properties"]
                return 200, {"acknowledged": True}
            case "DELETE", [name]:
                del self.indexes[name]
                return 200, {"acknowledged": True}
            case "POST", ["_aliases"]:
                return self.realias(json.loads(body)["actions"])
            case "HEAD", ["_alias", name]:
                return (200 if name in self.alias else 404), None
            case "GET", ["_cat", "indices", pattern]:
                start = pattern.removesuffix("*")
                return 200, [{"index": name} for name in self.indexes if name.startswith(start)]
            case "POST", [name, "_refresh"]:
                return 200, {"_shards": {"failed": 0}} if name in self.indexes else None
            case "POST", [name, "_bulk"]:
                return self.bulk(name, query, body)
            case "POST", [name, "_search"]:
                if name not in self.alias:
                    return 404, {"error": {"type": "index_not_found_exception"}}
                return 200, self.search(self.alias[name], json.loads(body))
        raise AssertionError(f"{method} {path}")

    def realias(self, actions: list[dict[str, Any]]) -> tuple[int, Any]:
        for action in actions:
            ((verb, target),) = action.items()
            if verb == "add":
                self.alias[target["alias"]] = target["index"]
            else:
                assert target["must_exist"] is False
                self.alias.pop(target["alias"], None)
        return 200, {"acknowledged": True}

    def bulk(self, name: str, query: str, body: str) -> tuple[int, Any]:
        assert body.endswith("\n")
        is_alias = name in self.alias
        if "require_alias=true" in query and not is_alias:
            return 404, {"error": {"type": "index_not_found_exception"}}
        index = self.alias.get(name, name)
        lines, items = iter(map(json.loads, body.splitlines())), []
        for action in lines:
            ((verb, target),) = action.items()
            pk, status = target["_id"], 200
            if verb == "index":
                document = next(lines)
                # "dynamic": "strict"
                status = 400 if document.keys() - self.fields[index].keys() else 201
                if status == 201:
                    self.indexes[index][pk] = document
            elif self.indexes[index].pop(pk, None) is None:
                status = 404
            items.append({verb: {"_id": pk, "status": status}})
        errors = any(list(item.values())[0]["status"] >= 400 for item in items)
        return 200, {"errors": errors, "items": items}

    def search(self, index: str, body: dict[str, Any]) -> dict[str, Any]:
        assert body["track_total_hits"] is True
        assert body.get("from", 0) + body.get("size", 10) <= 10_000, "index.max_result_window"
        found = [
            (pk, document)
            for pk, document in self.indexes[index].items()
            if holds(body.get("query", {"match_all": {}}), document)
        ]
        ((key, direction),) = (body.get("sort") or [{"_score": "desc"}])[0].items()
        found.sort(
            key=lambda each: int(each[0]) if key == "_score" else each[1][key],
            reverse=direction == "desc" and key != "_score",
        )
        page = found[body.get("from", 0) :][: body["size"]]
        return {
            "hits": {
                "total": {"value": len(found), "relation": "eq"},
                "hits": [{"_id": pk} for pk, _ in page],
            },
            "aggregations": {
                name: aggregated(each, [document for _, document in found])
                for name, each in body.get("aggs", {}).items()
            },
        }


def holds(query: dict[str, Any], document: dict[str, Any]) -> bool:
    ((kind, inside),) = query.items()
    match kind:
        case "match_all":
            return True
        case "function_score":
            assert inside["field_value_factor"]["field"] in document
            return holds(inside["query"], document)
        case "bool":
            musts = [*inside.get("must", []), *inside.get("filter", [])]
            shoulds = sum(holds(each, document) for each in inside.get("should", []))
            return all(holds(each, document) for each in musts) and shoulds >= inside.get(
                "minimum_should_match", 0
            )
        case "dis_max":
            return any(holds(each, document) for each in inside["queries"])
    ((field, wanted),) = inside.items()
    stored = document[field]
    tokens = stored.split() if isinstance(stored, str) else stored
    tokens = tokens if isinstance(tokens, list) else [tokens]
    match kind:
        case "term":
            return wanted in tokens
        case "terms":
            return bool(set(wanted) & set(tokens))
        case "match_phrase":
            return f" {wanted} " in f" {stored} "
        case "prefix":
            return any(token.startswith(wanted) for token in tokens)
        case "fuzzy":
            assert wanted["fuzziness"] == 1
            return any(is_near(wanted["value"], token) for token in tokens)
        case "range":
            return wanted.get("gte", 0) <= stored <= wanted.get("lte", stored)
    raise AssertionError(kind)


def is_near(one: str, other: str) -> bool:
    """One letter wrong, missing, too many, or two that changed places."""
    letters = {*one, *other}
    cuts = [(one[:at], one[at:]) for at in range(len(one) + 1)]
    return (
        one == other
        or any(a + b[1:] == other for a, b in cuts if b)
        or any(a + b[1] + b[0] + b[2:] == other for a, b in cuts if len(b) > 1)
        or any(a + each + b[skip:] == other for a, b in cuts for each in letters for skip in (0, 1))
    )


def aggregated(wanted: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, Any]:
    if "filter" in wanted:
        inside = [document for document in found if holds(wanted["filter"], document)]
        inner = {name: aggregated(each, inside) for name, each in wanted.get("aggs", {}).items()}
        return {"doc_count": len(inside), **inner}
    if "stats" in wanted:
        values = [document[wanted["stats"]["field"]] for document in found]
        span = {"min": min(values), "max": max(values)} if values else {"min": None, "max": None}
        return {"count": len(values), **span}
    terms = wanted["terms"]
    counts: Counter[Any] = Counter()
    for document in found:
        value = document[terms["field"]]
        counts.update(set(value if isinstance(value, list) else [value]))
    pattern = re.compile(terms.get("include", ".*")) if "include" in terms else None
    kept = [(key, n) for key, n in counts.most_common() if not pattern or pattern.fullmatch(key)]
    return {"buckets": [{"key": key, "doc_count": n} for key, n in kept[: terms["size"]]]}


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        path, _, query = self.path.partition("?")
        kind = "application/x-ndjson" if path.endswith("_bulk") else "application/json"
        if self.headers["Authorization"] != LOGIN:
            status, content = 401, {"error": "security_exception"}
        elif body and self.headers["Content-Type"] != kind:
            status, content = 406, {"error": "Content-Type"}
        else:
            status, content = self.server.answer(self.command, path, query, body)
        sent = content if isinstance(content, str) else json.dumps(content)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent.encode())

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Silence."""


@contextmanager
def running() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()
