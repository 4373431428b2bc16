from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.carts.exceptions import UnknownSKU
from apps.core.exceptions import Unavailable
from apps.goods.serializers import SKUSerializer
from apps.users import selectors, services
from apps.users.serializers.history import VisitSerializer
from apps.users.views.base import BuyerView


@extend_schema(tags=["user centre"])
class BrowseHistoryView(BuyerView):
    refusals = {
        "get": (Unavailable,),
        "post": (UnknownSKU, Unavailable),
        "delete": (Unavailable,),
    }

    @extend_schema(
        summary="The five products looked at last, newest first",
        responses=SKUSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        skus = selectors.browse_history(self.buyer.pk)
        return Response(SKUSerializer(skus, many=True).data)

    @extend_schema(
        summary="Remember that a product was looked at",
        request=VisitSerializer,
        responses={201: VisitSerializer},
        examples=[OpenApiExample("As text", value={"sku_id": "1"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        visit = VisitSerializer(data=request.data)
        visit.is_valid(raise_exception=True)
        services.remember_visit(self.buyer.pk, visit.validated_data["sku_id"])
        return Response(visit.data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Forget the products looked at", responses={204: None})
    def delete(self, request: Request) -> Response:
        services.forget_history(self.buyer.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
