"""Sign-in with QQ, WeChat and Weibo. ADR 0007 says who must show what, and why."""

from urllib.parse import parse_qs, urlencode

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.authentication import StorefrontJWTAuthentication
from apps.core.clients import client_address
from apps.core.exceptions import Missing, TooManyRequests, Unavailable
from apps.core.store import Limit
from apps.core.views import PublicView
from apps.users import cookies, services
from apps.users.exceptions import (
    AccountDisabled,
    AccountTaken,
    AlreadyBound,
    BindingExpired,
    CodeRejected,
    MissingCode,
    NoOtherWayIn,
    NotAskedByStorefront,
    ProviderFailed,
    ProviderNotConfigured,
    SignInNotBegun,
    WrongCredentials,
)
from apps.users.gateways import sign_in_provider
from apps.users.models import Provider
from apps.users.serializers.accounts import RegisteredSerializer
from apps.users.serializers.oauth import (
    AuthorizationSerializer,
    BindingSerializer,
    OAuthAccountSerializer,
    SignedInOrNotSerializer,
)
from apps.users.views.base import BuyerView, signed_in
from apps.verifications.exceptions import WrongSMSCode

# An address may be a whole mobile network's.
BEGINNINGS = Limit("oauth-beginning", times=300, seconds=10 * 60)
RETURNS = Limit("oauth-return", times=300, seconds=10 * 60)
# What a binding answers tells whether a mobile has an account.
BINDINGS = Limit("oauth-binding", times=60, seconds=60 * 60)
# What a page sends whose own address has no code, because the person said no.
NO_CODES = {"", "null", "undefined"}
BEGIN_REFUSALS = (ProviderNotConfigured, NotAskedByStorefront, TooManyRequests, Unavailable)

PROVIDER = OpenApiParameter(
    "provider",
    str,
    OpenApiParameter.PATH,
    enum=Provider.values,
    description="`weixin` and `sina` are other names for `wechat` and `weibo`.",
)
NEXT = OpenApiParameter(
    "next",
    str,
    description="The page of the storefront to go to afterwards, a path. Anything else is the home page. "
    "Some storefronts call it `state`.",
)


@extend_schema(tags=["sign-in"])
class AuthorizationView(PublicView):
    refusals = {"get": BEGIN_REFUSALS}

    @extend_schema(
        summary="Where to send the browser",
        description="Sets the cookie that the browser must bring back. A script on another origin, which may have "
        "asked without cookies, is given an address here instead that sets it on the way.",
        parameters=[PROVIDER, NEXT],
        responses=AuthorizationSerializer,
    )
    def get(self, request: Request, provider: str) -> Response:
        # What a link, an image or a form asks for is not asked for by a storefront's script.
        if request.headers.get("Sec-Fetch-Mode", "cors") not in {"cors", "same-origin"}:
            raise NotAskedByStorefront
        BEGINNINGS.spend(client_address(request))
        if _is_elsewhere(request):
            return _answer(_detour(request, provider))
        browser = cookies.browser_of(request) or cookies.new_browser()
        response = _answer(services.begin_sign_in(provider, browser, _next(request)))
        cookies.remember(response, browser)
        return response


@extend_schema(tags=["sign-in"])
class DetourView(PublicView):
    refusals = {"get": BEGIN_REFUSALS}

    @extend_schema(
        summary="Take the cookie along to the provider",
        description="For a link on a page of the storefront, of whichever origin.",
        parameters=[PROVIDER, NEXT],
        responses={302: OpenApiResponse(description="To the provider.")},
    )
    def get(self, request: Request, provider: str) -> HttpResponseRedirect:
        if not _is_led_here_by_storefront(request):
            raise NotAskedByStorefront
        BEGINNINGS.spend(client_address(request))
        browser = cookies.browser_of(request) or cookies.new_browser()
        address = services.begin_sign_in(provider, browser, _next(request), bare=True)
        response = HttpResponseRedirect(address)
        cookies.remember(response, browser)
        return response


@extend_schema(tags=["sign-in"])
class SignInView(BuyerView):
    refusals = {
        "get": (
            MissingCode,
            SignInNotBegun,
            CodeRejected,
            AccountDisabled,
            ProviderNotConfigured,
            TooManyRequests,
            ProviderFailed,
            Unavailable,
        ),
        "post": (
            BindingExpired,
            WrongCredentials,
            AlreadyBound,
            AccountTaken,
            WrongSMSCode,
            TooManyRequests,
            Unavailable,
        ),
        "delete": (Missing, NoOtherWayIn),
    }

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [StorefrontJWTAuthentication()] if self._is_for_owners() else []

    def get_permissions(self) -> list[BasePermission]:
        return [IsAuthenticated() if self._is_for_owners() else AllowAny()]

    def _is_for_owners(self) -> bool:
        return self.request is not None and self.request.method == "DELETE"

    @extend_schema(
        summary="Come back from the provider",
        description="Who is bound to an account is logged in. Who is not gets an `access_token` for ten minutes, "
        "to bind an account with. The state need not be sent, but should.",
        parameters=[
            PROVIDER,
            OpenApiParameter("code", str, description="As the provider gave it to the page."),
            OpenApiParameter("state", str, description="As the provider gave it to the page."),
        ],
        responses=SignedInOrNotSerializer,
    )
    def get(self, request: Request, provider: str) -> Response:
        code = request.query_params.get("code", "")
        if code in NO_CODES:
            raise MissingCode
        browser = cookies.browser_of(request)
        if browser is None:
            raise SignInNotBegun
        RETURNS.spend(client_address(request))
        identity = services.who_signed_in(provider, browser, code, state=_state(request, code))
        user = services.user_of(identity)
        if user is None:
            return Response({"access_token": services.binding_token(identity)})
        return signed_in(request, user)

    @extend_schema(
        summary="Bind to an account, new or not",
        description="The account with this mobile, whose password it must be, or else a new one.",
        parameters=[PROVIDER],
        request=BindingSerializer,
        responses={201: RegisteredSerializer},
    )
    def post(self, request: Request, provider: str) -> Response:
        address = client_address(request)
        BINDINGS.spend(address)
        serializer = BindingSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        user = services.bind(provider, fields.pop("access_token"), **fields, address=address)
        return signed_in(
            request, user, status=status.HTTP_201_CREATED, id=user.pk, mobile=user.mobile
        )

    @extend_schema(summary="Unbind", parameters=[PROVIDER], responses={204: None})
    def delete(self, request: Request, provider: str) -> Response:
        services.unbind(self.buyer, provider)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["sign-in"])
class OAuthListView(BuyerView):
    @extend_schema(
        summary="What one's account is bound to", responses=OAuthAccountSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return Response(OAuthAccountSerializer(self.buyer.oauth_accounts.all(), many=True).data)


def _answer(address: str) -> Response:
    return Response({"login_url": address, "oauth_url": address})


def _next(request: Request) -> str:
    query = request.query_params
    return query.get("next") or query.get("state") or "/"


def _detour(request: Request, provider: str) -> str:
    sign_in_provider(provider)  # or there is none
    path = reverse("oauth-detour", args=[provider])
    return request.build_absolute_uri(f"{path}?{urlencode({'next': _next(request)})}")


def _is_elsewhere(request: Request) -> bool:
    """Whether a page of another origin asks: with a GET, browsers name the origin only then."""
    origin = request.headers.get("Origin", "")
    return bool(origin) and _host(origin) != request.get_host()


def _is_led_here_by_storefront(request: Request) -> bool:
    """Whether a page of ours has the browser go here. Others can hide where they are, but not say they are us."""
    if referer := request.headers.get("Referer"):
        storefronts = {settings.FRONT_URL, *settings.CORS_ALLOWED_ORIGINS}
        return _host(referer) in {request.get_host(), *map(_host, storefronts)}
    return request.headers.get("Sec-Fetch-Site") in {"same-origin", "same-site"}


def _state(request: Request, code: str) -> str | None:
    """The state that came back with the code, if one can know.

    Some storefronts send the code alone. On our own origin, browsers say on which page they are, and that has both.
    """
    query = request.query_params
    if "state" in query:
        return query["state"]
    page = parse_qs(request.headers.get("Referer", "").partition("?")[2].partition("#")[0])
    if page.get("code") != [code]:
        return None
    return page.get("state", [""])[0]


def _host(address: str) -> str:
    return address.partition("://")[2].partition("/")[0]
