from typing import cast

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.carts import selectors, services
from apps.carts.exceptions import CartFull, ShortOfStock, TooManyUnits, UnknownSKU, Withdrawn
from apps.carts.serializers import (
    CartItemSerializer,
    CartLineSerializer,
    CartRemovalSerializer,
    CartSelectionSerializer,
)
from apps.core.exceptions import Unavailable
from apps.core.schema import MessageSerializer

PUT_REFUSALS = (UnknownSKU, Withdrawn, CartFull, TooManyUnits, ShortOfStock, Unavailable)
EXAMPLE = OpenApiExample("Two of SKU 1", value={"sku_id": 1, "count": 2}, request_only=True)


class OwnCartView(APIView):
    @property
    def user_id(self) -> int:
        """Whose cart this is; nobody gets here who is not logged in."""
        return cast("int", self.request.user.pk)


@extend_schema(tags=["cart"])
class CartView(OwnCartView):
    delete_has_body = True
    refusals = {
        "get": (Unavailable,),
        "post": PUT_REFUSALS,
        "put": PUT_REFUSALS,
        "delete": (Unavailable,),
    }

    @extend_schema(
        summary="The cart",
        description="Each line says whether its price changed since it was added, whether stock is short, and "
        "whether it is still on sale.",
        responses=CartLineSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        lines = selectors.cart_lines(self.user_id)
        return Response(CartLineSerializer(lines, many=True).data)

    @extend_schema(
        summary="Add units to the cart",
        request=CartItemSerializer,
        responses={201: CartItemSerializer},
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        item = _valid(CartItemSerializer, request)
        services.add_to_cart(self.user_id, **item)
        return Response(item, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Set the units of a SKU",
        description="Idempotent: `count` replaces what is there.",
        request=CartItemSerializer,
        responses=CartItemSerializer,
        examples=[EXAMPLE],
    )
    def put(self, request: Request) -> Response:
        item = _valid(CartItemSerializer, request)
        services.set_in_cart(self.user_id, **item)
        return Response(item)

    @extend_schema(
        summary="Take a SKU out",
        description='The body says which: `{"sku_id": 1}`.',
        request=CartRemovalSerializer,
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        removal = _valid(CartRemovalSerializer, request)
        services.remove_from_cart(self.user_id, removal["sku_id"])
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["cart"])
class CartSelectionView(OwnCartView):
    refusals = {"put": (Unavailable,)}

    @extend_schema(
        summary="Tick every line, or none",
        request=CartSelectionSerializer,
        responses=MessageSerializer,
    )
    def put(self, request: Request) -> Response:
        selection = _valid(CartSelectionSerializer, request)
        services.select_all(self.user_id, selected=selection["selected"])
        return Response({"message": "OK"})


def _valid(serializer_class: type, request: Request) -> dict:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
