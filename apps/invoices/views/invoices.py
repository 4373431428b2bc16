from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.exceptions import Unavailable
from apps.core.private_files import download
from apps.core.views import PublicView
from apps.invoices import services
from apps.invoices.exceptions import AlreadyIssued, NotInvoiceable
from apps.invoices.serializers.invoices import (
    InvoiceSerializer,
    OrderInvoicesSerializer,
    RequestInvoiceSerializer,
)
from apps.orders.models import OrderInfo
from apps.users.views import BuyerView


@extend_schema(tags=["invoices"])
class OrderInvoiceView(BuyerView):
    refusals = {
        "post": (NotInvoiceable, AlreadyIssued, Unavailable),
        "delete": (AlreadyIssued, Unavailable),
    }

    @extend_schema(summary="The invoices of one of my orders", responses=OrderInvoicesSerializer)
    def get(self, request: Request, order_id: str) -> Response:
        order = self._order(order_id)
        invoices = list(order.invoices.all())
        live = next((invoice for invoice in invoices if invoice.live_of_id), None)
        shown = {"order_id": order.pk, "invoice": live, "invoices": invoices}
        return Response(OrderInvoicesSerializer(shown).data)

    @extend_schema(
        summary="Ask for the invoice of an order",
        description="Of an order that is paid; its amount is what was paid, freight included, less what has gone back. "
        "Asked again it is the same; with another title or e-mail it is changed, until it is issued. Ordinary "
        "electronic invoices only (电子普通发票).",
        request=RequestInvoiceSerializer,
        responses={200: InvoiceSerializer, 201: InvoiceSerializer},
    )
    def post(self, request: Request, order_id: str) -> Response:
        order = self._order(order_id)
        asked = RequestInvoiceSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        invoice, is_new = services.request_invoice(order, by=self.buyer, **asked.validated_data)
        shown = InvoiceSerializer(invoice)
        return Response(shown.data, status=status.HTTP_201_CREATED if is_new else 200)

    @extend_schema(summary="Take the request of an invoice back", responses={204: None})
    def delete(self, request: Request, order_id: str) -> Response:
        services.withdraw_request(self._order(order_id), by=self.buyer)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _order(self, order_id: str) -> OrderInfo:
        return get_object_or_404(OrderInfo, pk=order_id, user=self.buyer)


@extend_schema(tags=["invoices"])
class InvoicePDFView(PublicView):
    @extend_schema(
        summary="The PDF of an invoice",
        description="Under the address that `pdf_url` says, for five minutes.",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, token: str) -> FileResponse:
        invoice = services.invoice_of(token)
        if invoice is None:
            raise Http404
        return download(invoice.pdf, filename=f"{invoice}.pdf")
