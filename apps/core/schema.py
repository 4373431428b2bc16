"""The OpenAPI description: what a view answers, and every way it can refuse."""

from collections import defaultdict
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.permissions import AllowAny

from apps.core.exceptions import DomainError, GatewayError, Unavailable
from apps.core.problems import CONTENT_TYPE, BodyTooLarge, problem, status_of

Refusal = type[DomainError] | type[Unavailable] | type[GatewayError]


class ProblemSerializer(serializers.Serializer):
    """RFC 9457, with what the storefronts read beside it. Field errors also stand at the top level."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    non_field_errors = serializers.ListField(child=serializers.CharField())
    # Serializer has a property of this name; its metaclass takes the field away before that matters.
    errors = serializers.DictField(required=False)  # type: ignore[assignment]


class MessageSerializer(serializers.Serializer):
    """The contract's plain acknowledgement."""

    message = serializers.CharField(default="OK")


class StorefrontJWTScheme(OpenApiAuthenticationExtension):
    target_class = "apps.core.authentication.StorefrontJWTAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class LenientJWTScheme(StorefrontJWTScheme):
    target_class = "apps.core.authentication.LenientJWTAuthentication"
    name = "token_if_any"


class ProblemAutoSchema(AutoSchema):
    """Adds the error answers to every operation.

    400, 401, 404, 413 and 415 follow from the operation itself; a view names the others in ``refusals``:
    ``{"post": (OutOfStock, Unavailable)}``. One whose DELETE has a body says so by ``delete_has_body``, and
    one that refuses query parameters, by ``checks_query``.
    """

    def get_description(self) -> str:  # type: ignore[override]  # as in the class above
        """Only what ``extend_schema`` says: a view's docstring speaks to who reads the code."""
        return ""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        examples: dict[int, list[OpenApiExample]] = defaultdict(list)
        for body in self._problems():
            examples[body["status"]].append(
                OpenApiExample(body["code"], value=body, media_type=CONTENT_TYPE)
            )
        for status, of_status in sorted(examples.items()):
            answer = OpenApiResponse(ProblemSerializer(many=False), examples=of_status)
            bodies[str(status)] = self._get_response_for_code(answer, str(status), [CONTENT_TYPE])
        if getattr(getattr(self.view, self.method.lower()), "is_cached", False):
            bodies["304"] = {"description": "What `If-None-Match` names is still the same."}
        return dict(sorted(bodies.items()))

    def _problems(self) -> list[dict[str, Any]]:
        problems = []
        if self._reads_input() or getattr(self.view, "checks_query", False):
            field_errors = {"field": ["This field is required."]}
            problems.append(
                problem(
                    400, "invalid", "Invalid input.", field_errors["field"][0], errors=field_errors
                )
            )
        if self._reads_input():
            problems += [
                problem(unread.status_code, unread.default_code, unread.default_detail)
                for unread in (BodyTooLarge, UnsupportedMediaType)
            ]
        if not any(isinstance(each, AllowAny) for each in self.view.get_permissions()):
            title = "Authentication credentials were not provided."
            problems.append(problem(401, "not_authenticated", title))
        if "{" in self.path or self._is_paged():
            problems.append(problem(404, "not_found", "Not found."))
        refusals: dict[str, tuple[Refusal, ...]] = getattr(self.view, "refusals", {})
        problems += [
            problem(status_of(refusal), refusal.code, refusal.title)
            for refusal in refusals.get(self.method.lower(), ())
        ]
        return problems

    def _reads_input(self) -> bool:
        if self.method == "DELETE":
            return getattr(self.view, "delete_has_body", False)
        return self.method in {"POST", "PUT", "PATCH"} and self.get_request_serializer() is not None

    def _is_paged(self) -> bool:
        """Whether one can turn to a page that is not there."""
        return self._is_list_view() and self._get_paginator() is not None
