from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.exceptions import Unavailable
from apps.core.idempotency import idempotency_key
from apps.orders.exceptions import KeyReused
from apps.orders.models import OrderInfo
from apps.payment import services
from apps.payment.exceptions import MayNotRefund, NothingToRefund
from apps.payment.models import Refund
from apps.payment.serializers import RefundSerializer, RequestRefundSerializer
from apps.users.views import BuyerView


@extend_schema(tags=["payment"])
class RefundListView(BuyerView):
    refusals = {"post": (MayNotRefund, NothingToRefund, KeyReused, Unavailable)}

    @extend_schema(
        summary="What was refunded of an order",
        description="Of the buyer's own; of any, to the shop's staff who may look at refunds.",
        responses=RefundSerializer(many=True),
    )
    def get(self, request: Request, order_id: str) -> Response:
        refunds = Refund.objects.filter(payment__order=self._order(order_id))
        return Response(RefundSerializer(refunds.select_related("payment"), many=True).data)

    @extend_schema(
        summary="Refund an order, in part or whole",
        description="For the shop's staff who may add refunds. What the provider says to it at once is shown in the "
        "refund's `state`; what it has not said yet, it is asked until it does. The same `Idempotency-Key` refunds "
        "once; without one, every request is another refund.",
        parameters=[
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=False)
        ],
        request=RequestRefundSerializer,
        responses={201: RefundSerializer},
        examples=[
            OpenApiExample(
                "Half of it", value={"amount": "55.00", "reason": "包装破损"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, order_id: str) -> Response:
        order = self._order(order_id)
        if not self._may("payment.add_refund"):
            raise MayNotRefund
        asked = RequestRefundSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        refund = services.request_refund(
            order.pk, by=self.buyer, key=idempotency_key(request), **asked.validated_data
        )
        shown = RefundSerializer(services.try_refund(refund))
        return Response(shown.data, status=status.HTTP_201_CREATED)

    def _order(self, order_id: str) -> OrderInfo:
        """The buyer's own, or any to who may see or add refunds; another's does not exist."""
        order = get_object_or_404(OrderInfo, pk=order_id)
        is_mine = order.user_id == self.buyer.pk
        if is_mine or self._may("payment.view_refund") or self._may("payment.add_refund"):
            return order
        raise Http404

    def _may(self, permission: str) -> bool:
        return self.buyer.is_staff and self.buyer.has_perm(permission)
