"""Whatever stands in any field or parameter of any operation: a documented answer, never a 5xx, and a refusal changes
nothing. Generated from the OpenAPI description, so that an operation is tried as soon as it is described.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from django.db import transaction

from apps.core.problems import CONTENT_TYPE
from apps.core.store import Limit
from apps.users.serializers.addresses import AddressTitleSerializer
from tests.contract.operations import FORM, GONE, JSON, Literal, Operation, Request, operations
from tests.contract.world import World
from tests.world import rows

OPERATIONS = list(operations())
NOTHING = "nothing"
# What is not signed by the provider is refused as a whole; tests/payment has it signed.
SIGNED = {"POST /api/v1/payment/{provider}/notify/", "PUT /api/v1/payment/status/"}
TEXTS = [
    "",
    " ",
    "x",
    "x" * 5_000,
    "😀" * 3,
    "\x00",
    "a\x00b",
    "\ud800",
    "'; DROP TABLE users_user; --",
    "%' OR '1'='1",
    "{{7*7}}{% debug %}${7*7}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\u202eabc\u2028",
    "-1",
    "0",
    "9223372036854775808",
    "9" * 400,
    "1e400",
    "NaN",
    "1.5",
    "٣",
]
VALUES: list[Any] = [
    GONE,
    None,
    True,
    0,
    -1,
    1.5,
    2**63,
    Literal("1e400"),
    Literal("9" * 400),
    [],
    ["x"],
    [None],
    {},
    {"id": 1},
    {"$ne": None},
    *TEXTS,
]
BODIES = [
    b"",
    b"null",
    b"[]",
    b"[[]]",
    b'"text"',
    b"5",
    b"{",
    b'{"a": NaN}',
    b"\xff\xfe{}",
    b"\x00",
    b"[" * 100_000,
    b"9" * 5_000,
    b'{"a": 1, "a": 2}',
    b'{"__proto__": {"is_staff": true}, "user": 1, "id": 1}',
]


@pytest.fixture(autouse=True)
def nobody_is_too_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit would answer before anybody looks at the field."""
    monkeypatch.setattr(Limit, "spend", lambda self, subject: None)


def variants(operation: Operation, world: World) -> Iterator[tuple[str, Request]]:
    """A good request, and every one that has one bad thing in it; each made anew, for what is good once."""
    good = operation.good(world)
    yield NOTHING, good
    yield "accept", operation.good(world).but("headers", "Accept", "application/xml")
    yield "format", operation.good(world).but("query", "format", "xml")
    values = VALUES if operation.content_type == JSON else [GONE, *TEXTS]
    for part, names, bad in (
        ("path", good.path, TEXTS),
        ("query", good.query, [GONE, *TEXTS]),
        ("body", good.body, values),
    ):
        for name, value in product(names, bad):
            what = f"{part} {name} {str(value)[:20]!r}"
            yield what, operation.good(world).but(part, name, value)


def fault(operation: Operation, answer: Any) -> str:
    """What is wrong with an answer, "" if nothing is."""
    if answer.status_code not in operation.statuses:
        return f"{answer.status_code} is not documented: {answer.content[:300]!r}"
    if answer.status_code >= 400 and answer["Content-Type"] != CONTENT_TYPE:
        return f"{answer.status_code} with {answer['Content-Type']}"
    return ""


@pytest.mark.usefixtures("qq")
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_one_bad_thing(operation: Operation, world: World) -> None:
    operation.good(world)  # whatever the world needs for it is there now
    before, faults = rows(), []
    for what, request in variants(operation, world):
        savepoint = transaction.savepoint()
        answer = request.send(world)
        if answer.status_code < 400:
            transaction.savepoint_rollback(savepoint)
        else:
            transaction.savepoint_commit(savepoint)
        if trouble := fault(operation, answer):
            faults.append(f"{what}: {trouble}")
        if what == NOTHING and (answer.status_code < 400) is (str(operation) in SIGNED):
            faults.append(f"the good request: {answer.status_code} {answer.content[:300]!r}")
    assert faults == []
    assert rows() == before, "a refused request changed something"


READING = [operation for operation in OPERATIONS if operation.content_type]


@pytest.mark.usefixtures("qq")
@pytest.mark.parametrize("operation", READING, ids=str)
def test_a_bad_body(operation: Operation, world: World) -> None:
    good = operation.good(world)
    before, faults = rows(), []
    for body in BODIES:
        savepoint = transaction.savepoint()
        answer = good.send(world, raw=body)
        if answer.status_code < 400:
            # Where nothing has to be said, nothing is good as well.
            transaction.savepoint_rollback(savepoint)
            if operation.described["requestBody"].get("required"):
                faults.append(f"{body[:20]!r} is granted")
        else:
            transaction.savepoint_commit(savepoint)
        if trouble := fault(operation, answer):
            faults.append(f"{body[:20]!r}: {trouble}")
    for kind, body, status in (
        ("text/plain", b"x", 415),
        (operation.content_type, b"x" * 11_000_000, 413),
    ):
        answer = good.send(world, raw=body, content_type=kind)
        if answer.status_code != status and operation.content_type != FORM:
            faults.append(f"{kind} of {len(body)} bytes: {answer.status_code}")
        if trouble := fault(operation, answer):
            faults.append(f"{kind} of {len(body)} bytes: {trouble}")
    assert faults == []
    assert rows() == before, "a refused request changed something"


@pytest.mark.django_db
def test_control_a_bug_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that trusts what it was sent, and one that answers what it does not document."""
    operation = next(
        each for each in OPERATIONS if str(each) == "PUT /api/v1/addresses/{id}/title/"
    )
    world.browser.raise_request_exception = False
    with monkeypatch.context() as bug:
        bug.setattr(AddressTitleSerializer, "validate", lambda self, attrs: int(attrs["title"]))
        assert "500 is not documented" in fault(operation, operation.good(world).send(world))
    undocumented = replace(operation, described={"responses": {"201": {}}})
    assert "200 is not documented" in fault(undocumented, operation.good(world).send(world))
