"""The shop's URLs, and views that go wrong in every way there is."""

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.exceptions import (
    Conflict,
    DomainError,
    Forged,
    GatewayError,
    Missing,
    Unavailable,
    Unprocessable,
)
from apps.core.views import PublicView
from meiduo import urls

handler400, handler404, handler500 = urls.handler400, urls.handler404, urls.handler500


class CupTooSmall(Conflict):
    code = "cup_too_small"
    title = "The cup is too small."


FAILURES: dict[str, Callable[[], Exception]] = {
    "domain": DomainError,
    "forged": Forged,
    "missing": Missing,
    "conflict": Conflict,
    "unprocessable": Unprocessable,
    "subclass": lambda: CupTooSmall("It holds 2.", limit=2),
    "later": lambda: Conflict(retry_after=7),
    "unavailable": lambda: Unavailable(retry_after=5),
    "gateway": GatewayError,
    "redis-connection": lambda: RedisConnectionError("refused"),
    "redis-timeout": lambda: RedisTimeoutError("too slow"),
    "not-found": NotFound,
    "denied": PermissionDenied,
    "throttled": lambda: Throttled(wait=9),
    "sentence": lambda: serializers.ValidationError("Only a sentence."),
    "sentences": lambda: serializers.ValidationError(["One.", "Two."]),
    "titled": lambda: serializers.ValidationError({"title": "The Title of a tray is short."}),
    "bug": lambda: ZeroDivisionError("a bug"),
}


class Failing(PublicView):
    def get(self, request: Request, name: str) -> Response:
        raise FAILURES[name]()


class Cup(serializers.Serializer):
    size = serializers.IntegerField()
    colour = serializers.ChoiceField(["white"], default="white")


class Tray(serializers.Serializer):
    title = serializers.CharField(max_length=3)
    code = serializers.IntegerField()
    cups = Cup(many=True)

    def validate(self, attrs: dict) -> dict:
        raise serializers.ValidationError("The tray is too heavy.")


class TrayView(PublicView):
    def post(self, request: Request) -> Response:
        Tray(data=request.data).is_valid(raise_exception=True)
        raise AssertionError("no tray is good enough")


class CupsView(PublicView):
    def post(self, request: Request) -> Response:
        Cup(data=request.data, many=True).is_valid(raise_exception=True)
        raise AssertionError("no cups are good enough")


class MembersView(APIView):
    def get(self, request: Request) -> Response:
        return Response({"user_id": request.user.pk})


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def buggy_page(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    path("api/failing/<name>/", Failing.as_view()),
    path("api/tray/", TrayView.as_view()),
    path("api/cups/", CupsView.as_view()),
    path("api/members/", MembersView.as_view()),
    path("api/suspicious/", suspicious),
    path("suspicious/", suspicious),
    path("buggy/", buggy_page),
    *urls.urlpatterns,
]
