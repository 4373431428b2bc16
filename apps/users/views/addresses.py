from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.schema import MessageSerializer
from apps.users import services
from apps.users.exceptions import TooManyAddresses
from apps.users.models import Address
from apps.users.serializers.addresses import (
    AddressBookSerializer,
    AddressSerializer,
    AddressTitleSerializer,
)
from apps.users.views.base import BuyerView


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
