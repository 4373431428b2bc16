from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.exceptions import TooManyRequests, Unavailable
from apps.core.store import Limit
from apps.orders.exceptions import WrongState
from apps.orders.models import OrderInfo
from apps.orders.serializers import OrderDetailSerializer
from apps.payment import services
from apps.payment.exceptions import EventMismatch, Misconfigured, Rejected, Unknown
from apps.payment.serializers import CancelSerializer
from apps.users.views import BuyerView

# Each may ask providers three things about every open attempt.
CANCELS = Limit("order-cancel", times=30, seconds=10 * 60)
REFUSALS = (
    WrongState, EventMismatch, Rejected, Unknown, Misconfigured, TooManyRequests, Unavailable
)  # fmt: skip


@extend_schema(tags=["orders"])
class OrderCancelView(BuyerView):
    refusals = {"post": REFUSALS}

    @extend_schema(
        summary="Cancel an order that I have not paid",
        description="Open attempts to pay it are closed at their providers first; if one does not answer, nothing is "
        "canceled. Money that comes all the same is refunded. One to be paid at the door can be canceled until it is "
        "shipped. A refusal says in `order_status` and `status_text` where the order stands now, as when it was paid "
        "in this moment.",
        request=CancelSerializer,
        responses=OrderDetailSerializer,
    )
    def post(self, request: Request, order_id: str) -> Response:
        asked = CancelSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        orders = OrderInfo.objects.filter(user=self.buyer)
        order = get_object_or_404(orders, pk=order_id)
        CANCELS.spend(str(self.buyer.pk))
        services.cancel_own_order(order, by=self.buyer, **asked.validated_data)
        return Response(OrderDetailSerializer(orders.with_life().get(pk=order.pk)).data)
