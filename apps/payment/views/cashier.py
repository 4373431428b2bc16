from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.exceptions import Unavailable
from apps.payment import services
from apps.payment.exceptions import OrderNotPayable, TooManyAttempts
from apps.payment.serializers import CashierSerializer
from apps.users.views import BuyerView


@extend_schema(tags=["payment"])
class CashierView(BuyerView):
    refusals = {"get": (OrderNotPayable, TooManyAttempts, Unavailable)}

    @extend_schema(
        summary="Where to pay an order",
        description="Send the browser to `alipay_url`. Asked again, it leads to the same attempt until that expires.",
        responses=CashierSerializer,
    )
    def get(self, request: Request, order_id: str) -> Response:
        return Response({"alipay_url": services.cashier_url(self.buyer, order_id)})
