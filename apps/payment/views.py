from typing import cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.exceptions import DomainError, GatewayError, Unavailable
from apps.core.views import PublicView
from apps.payment import services
from apps.payment.exceptions import (
    BadSignature,
    EventMismatch,
    MalformedNotice,
    Misconfigured,
    NotPaidYet,
    OrderNotPayable,
    Rejected,
    Unknown,
    UnknownPayment,
)
from apps.payment.serializers import CashierSerializer, PaidSerializer
from apps.users.views import BuyerView

EVENT_REFUSALS = (BadSignature, MalformedNotice, UnknownPayment, EventMismatch, Unavailable)


@extend_schema(tags=["payment"])
class CashierView(BuyerView):
    refusals = {"get": (OrderNotPayable, Unavailable)}

    @extend_schema(
        summary="Where to pay an order",
        description="Send the browser to `alipay_url`. Asked again, it leads to the same attempt until that expires.",
        responses=CashierSerializer,
    )
    def get(self, request: Request, order_id: str) -> Response:
        return Response({"alipay_url": services.cashier_url(self.buyer, order_id)})


@extend_schema(tags=["payment"])
class PaymentStatusView(PublicView):
    refusals = {"put": (*EVENT_REFUSALS, NotPaidYet, Unknown, Rejected, Misconfigured)}

    @extend_schema(
        summary="Look whether the buyer who just came back has paid",
        description="Takes the query string of Alipay's return as it is. It is only the occasion to ask Alipay; 409 "
        "says to ask again in a moment. Idempotent, and open to everybody: the page that calls it has no token.",
        parameters=[
            OpenApiParameter(name, str, required=True)
            for name in ("out_trade_no", "sign", "sign_type")
        ],
        request=None,
        responses=PaidSerializer,
    )
    def put(self, request: Request) -> Response:
        payment = services.confirm_alipay_return(request.query_params.dict())
        return Response({"trade_id": payment.trade_no, "order_id": payment.order_id})


class AnyAccept(DefaultContentNegotiation):
    """A provider is given the one answer there is, whatever its client's Accept header says."""

    def get_accept_list(self, request: Request) -> list[str]:
        return ["*/*"]


@extend_schema(tags=["payment"])
class AlipayNoticeView(PublicView):
    parser_classes = [FormParser]
    content_negotiation_class = AnyAccept
    refusals = {"post": EVENT_REFUSALS}

    @extend_schema(
        summary="Alipay's asynchronous notice",
        description="Answers exactly `success` once the notice is dealt with; anything else makes Alipay repeat it.",
        request={"application/x-www-form-urlencoded": OpenApiTypes.OBJECT},
        responses={
            (200, "text/plain"): OpenApiResponse(
                OpenApiTypes.STR, examples=[OpenApiExample("Done", value="success")]
            )
        },
    )
    def post(self, request: Request) -> HttpResponse:
        notice = cast("QueryDict", request.data)
        services.receive_alipay_notice({name: str(notice[name]) for name in notice})
        return HttpResponse("success", content_type="text/plain")


@method_decorator(never_cache, name="dispatch")
class ReturnPage(View):
    """Where Alipay sends the browser back to, until a storefront has a page of its own for that."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            payment = services.confirm_alipay_return(request.GET.dict())
        except (NotPaidYet, GatewayError, Unavailable):
            return render(request, "payment/return.html", {"state": "processing"})
        except DomainError as refusal:
            context = {"state": "refused", "refusal": refusal}
            return render(request, "payment/return.html", context, status=400)
        return render(request, "payment/return.html", {"state": "paid", "payment": payment})
