from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.orders.models import OrderInfo
from apps.payment.models import Refund
from apps.payment.serializers import RefundSerializer
from apps.users.views import BuyerView


@extend_schema(tags=["payment"])
class RefundListView(BuyerView):
    """Refunds are made in the back office, where more is asked than a password."""

    @extend_schema(
        summary="What was refunded of one's own order", responses=RefundSerializer(many=True)
    )
    def get(self, request: Request, order_id: str) -> Response:
        order = get_object_or_404(OrderInfo, pk=order_id, user=self.buyer)
        refunds = Refund.objects.filter(payment__order=order).select_related("payment")
        return Response(RefundSerializer(refunds, many=True).data)
