"""What every refusal looks like to a storefront, and how to make Redis go away."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import override_settings

OWN_FIELDS = {"type", "title", "status", "detail", "code", "message", "non_field_errors"}


def refused(answer: Any, *, status: int, code: str) -> dict[str, Any]:
    """Assert that an answer is a whole RFC 9457 problem of this kind; its body."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert body.keys() >= OWN_FIELDS
    assert (body["type"], body["status"]) == (f"/problems/{code}", status)
    assert all(isinstance(body[name], str) and body[name] for name in ("title", "detail"))
    assert body["message"] == body["detail"]
    assert body["non_field_errors"]
    assert all(isinstance(sentence, str) for sentence in body["non_field_errors"])
    return body


def invalid(answer: Any, *fields: str) -> dict[str, Any]:
    """Assert that exactly these fields were refused, each with a list of sentences."""
    body = refused(answer, status=400, code="invalid")
    assert body["errors"].keys() == set(fields), body
    assert all(
        isinstance(sentence, str) for sentences in body["errors"].values() for sentence in sentences
    )
    return body


@contextmanager
def redis_down(*aliases: str) -> Iterator[None]:
    """The servers behind these of ``CACHES`` refuse connections while this lasts; without a name, all do."""
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        dead = {
            alias: {**settings.CACHES[alias], "LOCATION": f"redis://127.0.0.1:{port}/0"}
            for alias in aliases or settings.CACHES
        }
        with override_settings(CACHES={**settings.CACHES, **dead}):
            yield
