"""Views whose answer is the same for everybody, served from the cache."""

from collections.abc import Callable
from functools import partial, wraps
from hashlib import sha256
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified, QueryDict
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from apps.core.store import Copy, Page, Pages

Handler = Callable[..., Any]


def cached(pages: Pages, *parameters: str) -> Callable[[Handler], Handler]:
    """Serve a ``get`` of a PublicView from these pages; with ETag, and 304 to those who have it already.

    It may read the named query parameters and nothing else of the request; it does not even see others, so they
    neither fill the cache nor end up in the links of a page. What it answers must not depend on the language. Refusals
    are raised, and not kept. A view whose answer is over at a known time sets ``response.fresh_seconds``.
    """

    def decorate(get: Handler) -> Handler:
        @wraps(get)
        def serve(view: Any, request: Request, **ids: Any) -> HttpResponse:
            _narrow(request, parameters)
            copy = pages.get(_address(request), partial(_read, get, view, request, ids))
            return _answer(copy, request)

        # The API's schema documents a 304 by it.
        serve.is_cached = True  # type: ignore[attr-defined]
        return serve

    return decorate


def _narrow(request: Request, parameters: tuple[str, ...]) -> None:
    """Take every other query parameter away, and put the rest in order."""
    query = QueryDict(mutable=True)
    for name in sorted(parameters):
        if name in request.query_params:
            query.setlist(name, request.query_params.getlist(name))
    # Its type says that a request's query never changes.
    request._request.GET = query  # type: ignore[assignment]
    request._request.META["QUERY_STRING"] = query.urlencode()


def _address(request: Request) -> str:
    """One for each URL; the host is part of it, as pages hold links to their neighbours."""
    return sha256(request.build_absolute_uri().encode()).hexdigest()[:32]


def _read(get: Handler, view: Any, request: Request, ids: dict[str, Any]) -> Page:
    response = get(view, request, **ids)
    body = JSONRenderer().render(response.data)
    return Page(body, getattr(response, "fresh_seconds", None))


def _answer(copy: Copy, request: Request) -> HttpResponse:
    """``no-cache``: a browser may keep the page, and asks every time whether it is still the same."""
    headers = {"ETag": copy.etag, "Cache-Control": "no-cache"}
    if _has(request, copy.etag):
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(copy.body, content_type="application/json", headers=headers)


def _has(request: Request, etag: str) -> bool:
    """Whether If-None-Match names it. A proxy that compresses makes a weak one of it, W/"…"."""
    known = request.headers.get("If-None-Match", "")
    return known.strip() == "*" or etag in (
        each.strip().removeprefix("W/") for each in known.split(",")
    )
