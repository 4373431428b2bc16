import json
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meiduo.settings.dev")

serve = get_wsgi_application()

REFUSAL = {
    "type": "/problems/unsupported_charset",
    "title": "Send UTF-8.",
    "status": 415,
    "detail": "Send UTF-8.",
    "code": "unsupported_charset",
    "message": "请使用 UTF-8 编码 / Send UTF-8.",
    "non_field_errors": ["请使用 UTF-8 编码 / Send UTF-8."],
}


# Of a larger body the rest is left: that the connection ends there is cheaper.
MAX_UNREAD_BYTES = 1024 * 1024


def application(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    """``answer``, after which nothing of the request is left.

    The web server closes a connection on which some of the body was not read, as it is not when a token is refused or
    a view needs no body; a client or proxy that has sent its next request there by then gets no answer to it.
    """
    try:
        return answer(environ, start_response)
    finally:
        environ["wsgi.input"].read(MAX_UNREAD_BYTES)


def answer(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    """Django, for requests in UTF-8.

    Django decodes a request with whatever codec of Python's its charset names, before any code of ours runs: "hex" is
    an error without an answer, "punycode" takes seconds for a hundred kilobytes.
    """
    charset = parse_header_parameters(environ.get("CONTENT_TYPE", ""))[1].get("charset", "utf-8")
    if charset.lower() not in {"utf-8", "utf8"}:
        headers = [("Content-Type", "application/problem+json")]
        start_response("415 Unsupported Media Type", headers)
        return [json.dumps(REFUSAL, ensure_ascii=False).encode()]
    return serve(environ, start_response)
