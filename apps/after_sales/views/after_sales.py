from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.after_sales import services
from apps.after_sales.exceptions import (
    AfterSaleAmountInvalid,
    AfterSaleNotPossible,
    LineNotOfOrder,
    TooManyUnits,
    WrongAfterSaleState,
)
from apps.after_sales.models import AfterSale
from apps.after_sales.selectors import askable
from apps.after_sales.serializers import (
    AfterSaleSerializer,
    AskableSerializer,
    RequestAfterSaleSerializer,
)
from apps.after_sales.services.requesting import askable_until, kinds_possible
from apps.core.exceptions import Unavailable
from apps.core.idempotency import idempotency_key
from apps.orders.exceptions import ImagesNotUsable, KeyReused, NoSuchOrder
from apps.orders.models import OrderInfo
from apps.users.views import BuyerView


class OwnAfterSalesView(BuyerView, GenericAPIView):
    """The requests of who asks; there are no others, so another buyer's is a 404."""

    serializer_class = AfterSaleSerializer
    queryset = AfterSale.objects.none()

    def get_queryset(self) -> QuerySet[AfterSale]:
        own = AfterSale.objects.filter(user=self.buyer)
        return own.with_standing().prefetch_related("lines__line", "events", "pictures")


@extend_schema(tags=["after-sales"])
class AfterSaleListView(OwnAfterSalesView, ListAPIView):
    refusals = {
        "post": (
            NoSuchOrder,
            AfterSaleNotPossible,
            LineNotOfOrder,
            TooManyUnits,
            AfterSaleAmountInvalid,
            ImagesNotUsable,
            KeyReused,
            Unavailable,
        )
    }

    @extend_schema(summary="My after-sale requests, newest first")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Ask to cancel an order, or for money back",
        description="`cancel` is for a whole order that is paid and not shipped; `refund` (money only) and `return` "
        "(goods back, then money) are for lines of a shipped one, until some days after it was received. "
        "`pictures` are uploaded before. The same `Idempotency-Key` asks once; without one, so does the very same "
        "request within a minute, while the first waits.",
        parameters=[
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=False)
        ],
        request=RequestAfterSaleSerializer,
        responses={201: AfterSaleSerializer},
        examples=[
            OpenApiExample(
                "Return one unit",
                value={
                    "order_id": "202601010800000000010001",
                    "kind": "return",
                    "reason": "damaged",
                    "words": "屏幕有划痕",
                    "lines": [{"line": 1, "count": 1}],
                    "pictures": [1],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        asked = RequestAfterSaleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        after_sale = services.request_after_sale(
            by=self.buyer, key=idempotency_key(request), **asked.validated_data
        )
        shown = AfterSaleSerializer(after_sale)
        return Response(shown.data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["after-sales"])
class AfterSaleView(OwnAfterSalesView):
    @extend_schema(summary="One of my after-sale requests")
    def get(self, request: Request, pk: int) -> Response:
        return Response(AfterSaleSerializer(self.get_object()).data)


@extend_schema(tags=["after-sales"])
class WithdrawalView(OwnAfterSalesView):
    refusals = {"post": (WrongAfterSaleState, Unavailable)}

    @extend_schema(
        summary="Take an after-sale request back",
        description="Until the shop has decided, or as long as it waits for the goods.",
        request=None,
        responses=AfterSaleSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        after_sale = services.withdraw(self.get_object().pk, by=self.buyer)
        return Response(AfterSaleSerializer(after_sale).data)


@extend_schema(tags=["after-sales"])
class AskableView(BuyerView):
    @extend_schema(
        summary="What can still be asked back of one of my orders", responses=AskableSerializer
    )
    def get(self, request: Request, order_id: str) -> Response:
        order = get_object_or_404(OrderInfo, pk=order_id, user=self.buyer)
        shown = {
            **askable(order),
            "kinds": kinds_possible(order),
            "until": askable_until(order),
        }
        return Response(AskableSerializer(shown).data)
