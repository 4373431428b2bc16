from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.clients import client_ip
from apps.core.exceptions import Unavailable
from apps.core.views import PublicView
from apps.orders.models import OrderInfo
from apps.payment import services
from apps.payment.exceptions import (
    BuyerDetailMissing,
    BuyerDetailRefused,
    Misconfigured,
    OrderNotPayable,
    Rejected,
    TooManyAttempts,
    Unknown,
    UnknownProduct,
    UnknownProvider,
)
from apps.payment.gateways import on_offer
from apps.payment.models import Payment
from apps.payment.serializers import (
    AttemptSerializer,
    ProviderSerializer,
    StartedSerializer,
    StartPaymentSerializer,
)
from apps.users.views import BuyerView


@extend_schema(tags=["payment"])
class ProviderListView(PublicView):
    @extend_schema(
        summary="How one may pay here",
        description="What a storefront draws its cashier from. `form` says how a product leads the buyer: a browser "
        "opens a `url`, a phone scans a `qr`, an app or a script is handed `params`.",
        responses=ProviderSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        shown = ProviderSerializer(on_offer(), many=True)
        return Response(shown.data, headers={"Cache-Control": "public, max-age=300"})


@extend_schema(tags=["payment"])
class AttemptListView(BuyerView):
    refusals = {
        "post": (
            OrderNotPayable,
            UnknownProvider,
            UnknownProduct,
            BuyerDetailMissing,
            BuyerDetailRefused,
            TooManyAttempts,
            Rejected,
            Unknown,
            Misconfigured,
            Unavailable,
        ),
    }

    @extend_schema(
        summary="The attempts to pay one of my orders, newest first",
        responses=AttemptSerializer(many=True),
    )
    def get(self, request: Request, order_id: str) -> Response:
        order = get_object_or_404(OrderInfo, pk=order_id, user=self.buyer)
        return Response(AttemptSerializer(order.payments.all(), many=True).data)

    @extend_schema(
        summary="Start to pay an order",
        description="Lead the buyer where `url`, `qr` or `params` says. Asked again, it leads to the same attempt "
        "while that is open. A product that `needs` an `openid` is told it.",
        request=StartPaymentSerializer,
        responses={201: StartedSerializer},
        examples=[
            OpenApiExample(
                "By a QR code",
                value={"provider": "alipay", "product": "qr"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, order_id: str) -> Response:
        asked = StartPaymentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        get_object_or_404(OrderInfo, pk=order_id, user=self.buyer)
        started = services.start_payment(
            self.buyer, order_id, client_ip=client_ip(request), **asked.validated_data
        )
        return Response(StartedSerializer(started).data, status=status.HTTP_201_CREATED)


class OneAttemptView(BuyerView):
    """One attempt of the buyer's own."""

    def mine(self, order_id: str) -> QuerySet[Payment]:
        return Payment.objects.filter(order=order_id, order__user=self.buyer)


@extend_schema(tags=["payment"])
class AttemptView(OneAttemptView):
    @extend_schema(
        summary="One of my attempts to pay",
        description="As we know it; nobody is asked. Good for a page with a QR code that waits.",
        responses=AttemptSerializer,
    )
    def get(self, request: Request, order_id: str, out_trade_no: str) -> Response:
        attempt = get_object_or_404(self.mine(order_id), out_trade_no=out_trade_no)
        return Response(AttemptSerializer(attempt).data)


@extend_schema(tags=["payment"])
class AttemptStatusView(OneAttemptView):
    refusals = {"put": (Unavailable,)}

    @extend_schema(
        summary="Ask the provider whether I have paid",
        description="For the button 'I have paid'. However often it is pressed, the provider is asked every three "
        "seconds at most; one that does not answer leaves the attempt as it was.",
        request=None,
        responses=AttemptSerializer,
    )
    def put(self, request: Request, order_id: str, out_trade_no: str) -> Response:
        attempt = get_object_or_404(self.mine(order_id), out_trade_no=out_trade_no)
        checked = services.check_payment(self.buyer, attempt.out_trade_no)
        return Response(AttemptSerializer(checked).data)
