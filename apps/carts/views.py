from functools import cached_property, partial

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.carts import cookies, selectors, services
from apps.carts.exceptions import (
    CartFull,
    NotInCart,
    ShortOfStock,
    TooManyUnits,
    UnknownSKU,
    Withdrawn,
)
from apps.carts.serializers import (
    CartItemSerializer,
    CartLineSerializer,
    CartRemovalSerializer,
    CartSelectionSerializer,
)
from apps.carts.store import Owner
from apps.core.authentication import LenientJWTAuthentication
from apps.core.exceptions import TooManyRequests, Unavailable
from apps.core.schema import MessageSerializer

PUT_REFUSALS = (
    UnknownSKU,
    Withdrawn,
    CartFull,
    TooManyUnits,
    ShortOfStock,
    TooManyRequests,
    Unavailable,
)
EXAMPLE = OpenApiExample("Two of SKU 1", value={"sku_id": 1, "count": 2}, request_only=True)


@extend_schema(
    tags=["cart"],
    parameters=[
        OpenApiParameter(
            cookies.NAME,
            str,
            OpenApiParameter.COOKIE,
            description="Leads to the cart of a visitor who has not logged in; set by the first POST or PUT.",
        )
    ],
)
@method_decorator(never_cache, name="dispatch")
class OwnCartView(APIView):
    """For buyers and for visitors who have not logged in. A token that is no good is nobody's, not an error."""

    authentication_classes = [LenientJWTAuthentication]
    permission_classes = [AllowAny]

    @cached_property
    def owner(self) -> Owner | None:
        """Whose cart this is; None for a visitor who has none yet."""
        if self.request.user.is_authenticated:
            return self.request.user.pk
        return cookies.visitor(self.request)


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
        lines = selectors.cart_lines(self.owner)
        return Response(CartLineSerializer(lines, many=True).data)

    @extend_schema(
        summary="Add units to the cart",
        request=CartItemSerializer,
        responses={201: CartItemSerializer},
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        return self._put(request, Response(status=status.HTTP_201_CREATED), on_top=True)

    @extend_schema(
        summary="Set the units of a SKU",
        description="Idempotent: `count` replaces what is there.",
        request=CartItemSerializer,
        responses=CartItemSerializer,
        examples=[EXAMPLE],
    )
    def put(self, request: Request) -> Response:
        return self._put(request, Response(), on_top=False)

    @extend_schema(
        summary="Take a SKU out",
        description='The body says which: `{"sku_id": 1}`.',
        request=CartRemovalSerializer,
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        removal = _valid(CartRemovalSerializer, request)
        services.remove_from_cart(self.owner, removal["sku_id"])
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _put(self, request: Request, response: Response, *, on_top: bool) -> Response:
        response.data = _valid(CartItemSerializer, request)
        open_cart = partial(cookies.open_cart, request, response)
        services.put_in_cart(self.owner, **response.data, on_top=on_top, open_cart=open_cart)
        return response


class CartSelectionView(OwnCartView):
    refusals = {"put": (Withdrawn, NotInCart, Unavailable)}

    @extend_schema(
        summary="Tick every line or none, or with a SKU that one line",
        request=CartSelectionSerializer,
        responses=MessageSerializer,
    )
    def put(self, request: Request) -> Response:
        selection = _valid(CartSelectionSerializer, request)
        if "sku_id" in selection:
            services.select_one(self.owner, **selection)
        else:
            services.select_all(self.owner, **selection)
        return Response({"message": "OK"})


def _valid(serializer_class: type, request: Request) -> dict:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
