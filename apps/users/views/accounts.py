import time

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.views import TokenRefreshView, TokenViewBase

from apps.core.clients import client_address
from apps.core.exceptions import TooManyRequests, Unavailable
from apps.core.store import Limit
from apps.core.views import PublicView
from apps.users import services
from apps.users.exceptions import AccountTaken, WrongCredentials
from apps.users.models import User
from apps.users.serializers.accounts import (
    LoginSerializer,
    LogoutSerializer,
    MobileCountSerializer,
    RefreshSerializer,
    RegisteredSerializer,
    RegistrationSerializer,
    SessionSerializer,
    UsernameCountSerializer,
    UserSerializer,
)
from apps.users.views.base import BuyerView, signed_in
from apps.verifications.exceptions import WrongSMSCode

# Both tell whether an account exists: a person asks a few times, a list of names in vain.
COUNTS_PER_ADDRESS = Limit("account-counts", times=60, seconds=60)
REGISTRATIONS_PER_ADDRESS = Limit("registrations", times=60, seconds=60 * 60)


@extend_schema(tags=["accounts"])
class UsernameCountView(PublicView):
    refusals = {"get": (TooManyRequests, Unavailable)}

    @extend_schema(summary="Is this username taken?", responses=UsernameCountSerializer)
    def get(self, request: Request, username: str) -> Response:
        COUNTS_PER_ADDRESS.spend(client_address(request))
        return Response({"username": username, "count": User.objects.named(username).count()})


@extend_schema(tags=["accounts"])
class MobileCountView(PublicView):
    refusals = {"get": (TooManyRequests, Unavailable)}

    @extend_schema(summary="Is this mobile registered?", responses=MobileCountSerializer)
    def get(self, request: Request, mobile: str) -> Response:
        COUNTS_PER_ADDRESS.spend(client_address(request))
        count = User.objects.filter(mobile=mobile).count()
        return Response({"mobile": mobile, "count": count})


@extend_schema(tags=["accounts"])
class RegistrationView(PublicView):
    refusals = {"post": (WrongSMSCode, AccountTaken, TooManyRequests, Unavailable)}

    @extend_schema(
        summary="Register",
        description="And log in: the answer begins a session. A username is kept as it was typed; "
        "one that differs from another in case or width only is taken.",
        request=RegistrationSerializer,
        responses={201: RegisteredSerializer},
    )
    def post(self, request: Request) -> Response:
        REGISTRATIONS_PER_ADDRESS.spend(client_address(request))
        serializer = RegistrationSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = serializer.save()
        return signed_in(
            request, user, status=status.HTTP_201_CREATED, id=user.pk, mobile=user.mobile
        )


@extend_schema(tags=["accounts"])
class LoginView(PublicView):
    refusals = {"post": (WrongCredentials, TooManyRequests)}

    @extend_schema(
        summary="Log in by username or mobile",
        description="Wrong credentials are a 400: the storefronts take a 401 for a broken server.",
        request=LoginSerializer,
        responses=SessionSerializer,
        examples=[
            OpenApiExample(
                "The demo buyer",
                value={"username": "demo_buyer", "password": "meiduo-demo-1"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        serializer = LoginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = services.log_in(
            serializer.validated_data["username"],
            serializer.validated_data["password"],
            address=client_address(request),
        )
        return signed_in(request, user)


@extend_schema(tags=["accounts"], summary="A new access token for a refresh token")
class RefreshView(TokenRefreshView):
    serializer_class = RefreshSerializer
    refusals = {"post": (Unavailable,)}


@extend_schema(tags=["accounts"])
class LogoutView(TokenViewBase):
    """Who holds the refresh token may end it: the access token may have expired before."""

    serializer_class = LogoutSerializer
    refusals = {"post": (Unavailable,)}

    @extend_schema(
        summary="Log out",
        description="The refresh token is worth nothing any more. Access tokens live on until they "
        "expire; a changed password ends those, too. Again is as good as once.",
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        token = serializer.validated_data["refresh"]
        services.log_out(token["jti"], seconds=token["exp"] - int(time.time()))
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["accounts"])
class UserView(BuyerView):
    @extend_schema(summary="Who is logged in", responses=UserSerializer)
    def get(self, request: Request) -> Response:
        return Response(UserSerializer(self.buyer).data)
