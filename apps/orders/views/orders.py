from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.exceptions import Unavailable
from apps.orders import services
from apps.orders.exceptions import (
    EmptySelection,
    KeyReused,
    LinesRefused,
    RequestInFlight,
    TooExpensive,
)
from apps.orders.models import OrderInfo
from apps.orders.serializers import (
    OrderDetailSerializer,
    OrderFilterSerializer,
    OrderSerializer,
    PlaceOrderSerializer,
    SettlementSerializer,
)
from apps.users.views import BuyerView


@extend_schema(tags=["orders"])
class SettlementView(BuyerView):
    refusals = {"get": (Unavailable,)}

    @extend_schema(
        summary="What the ticked lines cost",
        description="The prices shown here are the ones at which an order may be placed.",
        responses=SettlementSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(SettlementSerializer(services.settle(self.buyer.pk)).data)


@extend_schema(tags=["orders"])
class OrderListView(BuyerView, ListAPIView):
    serializer_class = OrderSerializer
    queryset = OrderInfo.objects.none()
    checks_query = True
    refusals = {
        "post": (
            EmptySelection,
            TooExpensive,
            LinesRefused,
            RequestInFlight,
            KeyReused,
            Unavailable,
        )
    }

    def get_queryset(self) -> QuerySet[OrderInfo]:
        orders = OrderInfo.objects.with_lines().filter(user=self.buyer)
        query = OrderFilterSerializer(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        if status_asked := query.validated_data.get("status"):
            orders = orders.filter(status=status_asked)
        if text := query.validated_data.get("q"):
            orders = orders.matching(text)
        return orders

    @extend_schema(
        summary="My orders, newest first",
        description="`q` is a whole order number or a part of the name of what was ordered.",
        parameters=[OrderFilterSerializer],
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Place an order",
        description="Orders every ticked line of the cart, or nothing. The same cart submitted again gives the same "
        "order. With an `Idempotency-Key` the same request does, however the cart has changed since.",
        parameters=[
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=False)
        ],
        request=PlaceOrderSerializer,
        responses={201: PlaceOrderSerializer},
        examples=[
            OpenApiExample(
                "Pay by Alipay", value={"address": 1, "pay_method": 2}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        serializer = PlaceOrderSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["orders"])
class OrderView(BuyerView):
    @extend_schema(summary="One of my orders", responses=OrderDetailSerializer)
    def get(self, request: Request, order_id: str) -> Response:
        orders = OrderInfo.objects.with_life().filter(user=self.buyer)
        return Response(OrderDetailSerializer(get_object_or_404(orders, pk=order_id)).data)
