from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.views import TokenRefreshView

from apps.core.schema import MessageSerializer
from apps.core.views import PublicView
from apps.users import services
from apps.users.exceptions import TooManyAddresses, WrongCredentials
from apps.users.models import Address, User
from apps.users.serializers import (
    AddressBookSerializer,
    AddressSerializer,
    AddressTitleSerializer,
    LoginSerializer,
    RefreshSerializer,
    SessionSerializer,
    UserSerializer,
)


class BuyerView(APIView):
    """For who is logged in, which is the default permission."""

    @property
    def buyer(self) -> User:
        return cast("User", self.request.user)


@extend_schema(tags=["accounts"])
class LoginView(PublicView):
    refusals = {"post": (WrongCredentials,)}

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
            serializer.validated_data["username"], serializer.validated_data["password"]
        )
        refresh = RefreshToken.for_user(user)
        session = {
            "token": str(refresh.access_token),
            "refresh": str(refresh),
            "user_id": user.pk,
            "username": user.username,
        }
        return Response(SessionSerializer(session).data)


@extend_schema(tags=["accounts"], summary="A new access token for a refresh token")
class RefreshView(TokenRefreshView):
    serializer_class = RefreshSerializer


@extend_schema(tags=["accounts"])
class UserView(BuyerView):
    @extend_schema(summary="Who is logged in", responses=UserSerializer)
    def get(self, request: Request) -> Response:
        return Response(UserSerializer(self.buyer).data)


class OwnAddressesView(BuyerView, GenericAPIView):
    """The live addresses of who asks; there are no others, so another buyer's is a 404."""

    serializer_class: type[Any] = AddressSerializer
    queryset = Address.objects.none()

    def get_queryset(self) -> QuerySet[Address]:
        return Address.objects.live().with_areas().filter(user=self.buyer)


@extend_schema(tags=["addresses"])
class AddressListView(OwnAddressesView):
    refusals = {"post": (TooManyAddresses,)}
    pagination_class = None

    @extend_schema(summary="The address book", responses=AddressBookSerializer)
    def get(self, request: Request) -> Response:
        book = {
            "user_id": self.buyer.pk,
            "default_address_id": self.buyer.default_address_id,
            "limit": Address.LIMIT,
            "addresses": self.get_queryset(),
        }
        return Response(AddressBookSerializer(book).data)

    @extend_schema(summary="Add an address", responses={201: AddressSerializer})
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["addresses"])
class AddressView(OwnAddressesView):
    @extend_schema(summary="Replace an address")
    def put(self, request: Request, pk: int) -> Response:
        serializer = self.get_serializer(self.get_object(), data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)

    @extend_schema(summary="Delete an address", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        services.delete_address(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["addresses"])
class DefaultAddressView(OwnAddressesView):
    @extend_schema(summary="Make an address the default", request=None, responses=MessageSerializer)
    def put(self, request: Request, pk: int) -> Response:
        services.set_default_address(self.get_object())
        return Response({"message": "OK"})


@extend_schema(tags=["addresses"])
class AddressTitleView(OwnAddressesView):
    serializer_class = AddressTitleSerializer

    @extend_schema(summary="Rename an address")
    def put(self, request: Request, pk: int) -> Response:
        serializer = self.get_serializer(self.get_object(), data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)
