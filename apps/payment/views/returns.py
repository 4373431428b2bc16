from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.exceptions import DomainError, GatewayError, Unavailable
from apps.core.views import PublicView
from apps.payment import services
from apps.payment.exceptions import (
    AttemptEnded,
    Misconfigured,
    NotPaidYet,
    Rejected,
    Unknown,
)
from apps.payment.serializers import PaidSerializer
from apps.payment.views.notices import EVENT_REFUSALS


@extend_schema(tags=["payment"])
class PaymentStatusView(PublicView):
    refusals = {
        "put": (*EVENT_REFUSALS, AttemptEnded, NotPaidYet, Unknown, Rejected, Misconfigured)
    }

    @extend_schema(
        summary="Look whether the buyer who just came back has paid",
        description="Takes the query string with which the buyer came back as it is: Alipay's own, or the `return_key` "
        "that WeChat Pay hands through. It is only the occasion to ask the provider; 409 says to ask again in a "
        "moment. Idempotent, and open to everybody: the page that calls it has no token.",
        parameters=[
            OpenApiParameter(name, str)
            for name in ("out_trade_no", "sign", "sign_type", "return_key")
        ],
        request=None,
        responses=PaidSerializer,
    )
    def put(self, request: Request) -> Response:
        payment = services.confirm_return(request.query_params.dict())
        return Response({"trade_id": payment.trade_no, "order_id": payment.order_id})


@method_decorator(never_cache, name="dispatch")
class ReturnPage(View):
    """Where providers send the browser back to, until a storefront has a page of its own for that."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            payment = services.confirm_return(request.GET.dict())
        except (NotPaidYet, GatewayError, Unavailable):
            return self._page(state="processing")
        except DomainError as refusal:
            return self._page(400, state="refused", refusal=refusal)
        return self._page(state="paid", payment=payment)

    def _page(self, status: int = 200, **context: Any) -> HttpResponse:
        shown = {"shop_name": settings.SHOP_NAME, **context}
        return render(self.request, "payment/return.html", shown, status=status)
