from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.carts.exceptions import Withdrawn
from apps.goods.models import SKU
from apps.users import selectors, services
from apps.users.exceptions import TooManyFavourites
from apps.users.serializers.favourites import FavouriteIdSerializer, FavouriteSerializer
from apps.users.views.base import BuyerView


@extend_schema(tags=["user centre"])
class FavouriteListView(BuyerView, ListAPIView):
    serializer_class = FavouriteSerializer
    queryset = SKU.objects.none()

    def get_queryset(self) -> QuerySet[SKU]:
        return selectors.favourite_skus(self.buyer)

    @extend_schema(summary="My favourites, newest first")
    def get(self, request: Request) -> Response:
        return self.list(request)


@extend_schema(tags=["user centre"])
class FavouriteView(BuyerView):
    refusals = {"put": (Withdrawn, TooManyFavourites)}

    @extend_schema(
        summary="Whether a product is among my favourites: 404 if not",
        responses=FavouriteIdSerializer,
    )
    def get(self, request: Request, sku_id: int) -> Response:
        sku = get_object_or_404(selectors.favourite_skus(self.buyer), pk=sku_id)
        return Response({"sku_id": sku.pk})

    @extend_schema(
        summary="Make a product one of my favourites",
        description="201 if it was not, 200 if it was.",
        request=None,
        responses={200: FavouriteIdSerializer, 201: FavouriteIdSerializer},
    )
    def put(self, request: Request, sku_id: int) -> Response:
        sku = get_object_or_404(SKU, pk=sku_id)
        is_new = services.add_favourite(self.buyer, sku)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response({"sku_id": sku.pk}, status=code)

    @extend_schema(
        summary="Make a product none of my favourites",
        description="204 also if it was none.",
        responses={204: None},
    )
    def delete(self, request: Request, sku_id: int) -> Response:
        services.remove_favourite(self.buyer, get_object_or_404(SKU, pk=sku_id))
        return Response(status=status.HTTP_204_NO_CONTENT)
