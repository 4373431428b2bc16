from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.exceptions import Unavailable
from apps.orders import services
from apps.orders.exceptions import WrongState
from apps.orders.models import OrderInfo
from apps.orders.serializers import (
    OrderCountsSerializer,
    OrderDetailSerializer,
    ReorderSerializer,
    TrackingSerializer,
)
from apps.users.views import BuyerView

# What there is to track before an order was shipped.
NO_PARCEL = {"carrier": "", "number": "", "state": "", "state_text": "", "events": []}


@extend_schema(tags=["orders"])
class OrderCountsView(BuyerView):
    @extend_schema(
        summary="How many of my orders are in each state", responses=OrderCountsSerializer
    )
    def get(self, request: Request) -> Response:
        counts = OrderInfo.objects.filter(user=self.buyer).counts()
        return Response({status.name.lower(): count for status, count in counts.items()})


@extend_schema(tags=["orders"])
class OrderReceiptView(BuyerView):
    refusals = {"post": (WrongState, Unavailable)}

    @extend_schema(
        summary="Say that I have got an order",
        description="Of an order that was shipped; from then on its lines can be reviewed. A refusal says in "
        "`order_status` and `status_text` where the order stands now.",
        request=None,
        responses=OrderDetailSerializer,
    )
    def post(self, request: Request, order_id: str) -> Response:
        orders = OrderInfo.objects.filter(user=self.buyer)
        order = get_object_or_404(orders, pk=order_id)
        if not services.receive_order(order.pk, by=self.buyer):
            raise services.refusal(order.pk)
        return Response(OrderDetailSerializer(orders.with_life().get(pk=order.pk)).data)


@extend_schema(tags=["orders"])
class ReorderView(BuyerView):
    refusals = {"post": (Unavailable,)}

    @extend_schema(
        summary="Put what I ordered into the cart again",
        description="At least as many units as were ordered are in the cart then, ticked, at today's prices. More "
        "than that stay, so asking twice puts in nothing more. Lines that are withdrawn, short or too many are named "
        "with the `reason`; the others go in all the same.",
        request=None,
        responses=ReorderSerializer,
    )
    def post(self, request: Request, order_id: str) -> Response:
        orders = OrderInfo.objects.with_lines().filter(user=self.buyer)
        lines = services.reorder(get_object_or_404(orders, pk=order_id))
        told = {
            "added": [line for line in lines if not line.reason],
            "refused": [line for line in lines if line.reason],
        }
        return Response(ReorderSerializer(told).data)


@extend_schema(tags=["orders"])
class TrackingView(BuyerView):
    @extend_schema(
        summary="Where my parcel is",
        description="What the carrier said, newest first. Everything is empty before the order was shipped.",
        responses=TrackingSerializer,
    )
    def get(self, request: Request, order_id: str) -> Response:
        orders = OrderInfo.objects.filter(user=self.buyer).select_related("shipment__carrier")
        order = get_object_or_404(orders, pk=order_id)
        shipment = getattr(order, "shipment", None)
        return Response(TrackingSerializer(shipment).data if shipment else NO_PARCEL)
