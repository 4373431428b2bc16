"""Every error as an RFC 9457 problem, readable by the storefronts written for this mall.

They read ``message``, ``detail``, ``non_field_errors`` or a list per field, in different places; a problem carries
them all. It is always a JSON object, whatever happened.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from redis import exceptions as redis
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apps.core.exceptions import (
    Conflict,
    DomainError,
    Forged,
    GatewayError,
    Missing,
    TooManyRequests,
    Unavailable,
    Unprocessable,
)
from apps.core.labels import LABELS

CONTENT_TYPE = "application/problem+json"
STATUS_OF_KIND: dict[type[Exception], int] = {
    Forged: status.HTTP_403_FORBIDDEN,
    Missing: status.HTTP_404_NOT_FOUND,
    Conflict: status.HTTP_409_CONFLICT,
    Unprocessable: status.HTTP_422_UNPROCESSABLE_ENTITY,
    TooManyRequests: status.HTTP_429_TOO_MANY_REQUESTS,
    DomainError: status.HTTP_400_BAD_REQUEST,
    GatewayError: status.HTTP_502_BAD_GATEWAY,
    Unavailable: status.HTTP_503_SERVICE_UNAVAILABLE,
}

# simplejwt's own sentences are for developers, and few of them are in Chinese.
TOKEN_REFUSALS = {
    "bad_authorization_header": gettext_lazy("The Authorization header cannot be understood."),
    "token_not_valid": gettext_lazy("Your login is no longer valid. Please log in again."),
    "password_changed": gettext_lazy("The password was changed. Please log in again."),
    "user_not_found": gettext_lazy("This account does not exist any more."),
    "user_inactive": gettext_lazy("This account is disabled."),
}

OUTAGES = (
    OperationalError,
    InterfaceError,
    redis.ConnectionError,
    redis.TimeoutError,
    redis.OutOfMemoryError,
    redis.ReadOnlyError,
    redis.MasterDownError,
    redis.ClusterDownError,
)

logger = logging.getLogger(__name__)


class BodyTooLarge(exceptions.APIException):
    """Larger than ``DATA_UPLOAD_MAX_MEMORY_SIZE``, far above anything that a storefront has a reason to send."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("That is more than is read here.")


class TooManyFields(exceptions.ParseError):
    """More than ``DATA_UPLOAD_MAX_NUMBER_FIELDS`` in a query or a form."""

    default_code = "bad_request"
    default_detail = gettext_lazy("The request cannot be understood.")


def status_of(refusal: type[Exception]) -> int:
    """The HTTP status of a kind of refusal; the most special base class decides."""
    return next(STATUS_OF_KIND[base] for base in refusal.__mro__ if base in STATUS_OF_KIND)


def problem(
    http_status: int,
    code: str,
    title: Any,
    detail: Any = None,
    *,
    errors: Mapping[str, Any] | None = None,
    **extra: Any,
) -> dict[str, Any]:
    """The body of a problem. ``errors`` are lists by field; they also stand at the top level.

    A field whose name the problem itself uses (an address has a ``title``) stands in ``errors`` only.
    """
    message = force_str(detail if detail is not None else title)
    body: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": force_str(title),
        "status": http_status,
        "detail": message,
        "code": code,
        "message": message,
        "non_field_errors": [message],
    }
    if errors is not None:
        own = dict(errors)
        body["non_field_errors"] = own.get("non_field_errors", [message])
        body["errors"] = own
        extra = {**own, **extra}
    return {**extra, **body}


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: a refusal becomes a problem; a bug stays an exception."""
    # For the mail that tells the operators of it.
    extra = {"request": context["request"]._request}
    if _is_outage(exc):
        logger.error("The database or Redis does not serve us", exc_info=exc, extra=extra)
        exc = Unavailable()
    if isinstance(exc, DomainError):
        body = problem(status_of(type(exc)), exc.code, exc.title, exc.detail, **exc.extra)
        return _response(body, retry_after=exc.extra.get("retry_after"))
    if isinstance(exc, Unavailable):
        body = problem(status_of(type(exc)), exc.code, exc.title, exc.detail)
        return _response(body, retry_after=exc.retry_after)
    if isinstance(exc, GatewayError):
        level = logging.ERROR if exc.needs_a_person else logging.WARNING
        logger.log(level, "An outside service failed", exc_info=exc, extra=extra)
        return _response(problem(status_of(type(exc)), exc.code, exc.title))

    if isinstance(exc, RequestDataTooBig):
        exc = BodyTooLarge()
    if isinstance(exc, TooManyFieldsSent):
        exc = TooManyFields()
    if isinstance(exc, Http404):
        # Django's own sentence is English and names our model.
        exc = exceptions.NotFound()
    response = exception_handler(exc, context)
    if response is None:
        return None
    response.data = _from_drf(exc, response)
    response.content_type = CONTENT_TYPE
    return response


def _is_outage(exc: Exception) -> bool:
    """Whether the database or Redis is away, or takes no writes: nobody's mistake, and it passes."""
    if isinstance(exc, redis.ResponseError) and not isinstance(exc, OUTAGES):
        return str(exc).startswith(("MISCONF", "NOREPLICAS"))
    return isinstance(exc, OUTAGES)


def _response(body: dict[str, Any], *, retry_after: int | None = None) -> Response:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _from_drf(exc: Exception, response: Response) -> dict[str, Any]:
    if isinstance(exc, exceptions.ValidationError):
        data = response.data
        errors = data if isinstance(data, dict) else {"non_field_errors": data}
        # A view may have raised a single sentence where the storefronts look for the first of a list.
        errors = {name: [it] if isinstance(it, str) else it for name, it in errors.items()}
        first = next(_sentences(errors), None)
        return problem(response.status_code, "invalid", _("Invalid input."), first, errors=errors)
    data = response.data if isinstance(response.data, dict) else {"detail": response.data}
    detail = data.get("detail", "")
    # simplejwt keeps its code beside the sentence; DRF, on it.
    code = data.get("code") or getattr(detail, "code", None) or "error"
    detail = TOKEN_REFUSALS.get(str(code), detail)
    # The detail says where it breaks.
    title = exc.default_detail if isinstance(exc, exceptions.ParseError) else detail
    return problem(response.status_code, str(code), title, detail)


def _sentences(errors: Any, field: str = "") -> Iterator[str]:
    """Every sentence in a nest of lists and dicts of errors, understandable without the field that it stands under."""
    if isinstance(errors, Mapping):
        for name, value in errors.items():
            yield from _sentences(value, str(name))
    elif isinstance(errors, list | tuple):
        for value in errors:
            yield from _sentences(value, field)
    else:
        yield _with_label(field, str(errors))


def _with_label(field: str, sentence: str) -> str:
    """Say what "This field is required." leaves open; a sentence that names its field stays as it is."""
    label = force_str(LABELS.get(field, ""))
    if label.lower() in sentence.lower():
        return sentence
    return _("%(label)s: %(sentence)s") % {"label": label, "sentence": sentence}


# --- Outside DRF: Django's own error views, for addresses under /api/ ----------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        return defaults.bad_request(request, exception)
    return _json(problem(400, "bad_request", _("The request cannot be understood.")))


@csrf_exempt  # as the addresses that are there: a mistyped one must not answer with a page about cookies
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if exception is not None and not _is_api(request):
        return defaults.page_not_found(request, exception)
    return _json(problem(404, "not_found", _("Not found.")))


def server_error(request: HttpRequest) -> HttpResponse:
    if not _is_api(request):
        return defaults.server_error(request)
    return _json(problem(500, "server_error", _("The server made a mistake. It has been logged.")))


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _json(body: dict[str, Any]) -> JsonResponse:
    return JsonResponse(body, status=body["status"], content_type=CONTENT_TYPE)
