"""Around Django: another charset than UTF-8 is refused, and nothing of a request is left."""

import json
from io import BytesIO
from typing import Any

import pytest

from meiduo.wsgi import application


def call(content_type: str, query: str = "a=1", sent: BytesIO | None = None) -> tuple[str, bytes]:
    answered: list[str] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/healthz",
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "CONTENT_TYPE": content_type,
        "wsgi.input": sent or BytesIO(b""),
        "wsgi.url_scheme": "http",
    }
    body = b"".join(application(environ, lambda status, headers: answered.append(status)))
    return answered[0], body


@pytest.mark.parametrize("charset", ["hex", "zlib", "punycode", "undefined", "gbk", "utf-16", ""])
def test_any_other_charset_is_refused(charset: str) -> None:
    status, body = call(f"application/json; charset={charset}")
    assert status.startswith("415 ")
    assert json.loads(body)["code"] == "unsupported_charset"


@pytest.mark.django_db  # Django looks after its connections when a request begins
@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "application/json;charset=utf-8",
        'text/plain; charset="UTF-8"',
        "junk;;",
    ],
)
def test_utf8_is_served(content_type: str) -> None:
    assert call(content_type) == ("200 OK", b"ok")


@pytest.mark.django_db
@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=gbk"])
def test_a_body_that_nobody_wanted_is_read_all_the_same(content_type: str) -> None:
    """What is left would be taken for the next request on this connection."""
    sent = BytesIO(b'{"a": 1}')
    call(content_type, sent=sent)
    assert sent.read() == b""
