from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.schema import MessageSerializer
from apps.invoices import services
from apps.invoices.exceptions import TooManyTitles
from apps.invoices.models import InvoiceTitle
from apps.invoices.serializers.titles import InvoiceTitleBookSerializer, InvoiceTitleSerializer
from apps.users.views import BuyerView


class OwnTitlesView(BuyerView, GenericAPIView):
    """The live titles of who asks; there are no others, so another buyer's is a 404."""

    serializer_class: type[Any] = InvoiceTitleSerializer
    queryset = InvoiceTitle.objects.none()

    def get_queryset(self) -> QuerySet[InvoiceTitle]:
        return InvoiceTitle.objects.live().filter(user=self.buyer)


@extend_schema(tags=["invoices"])
class TitleListView(OwnTitlesView):
    refusals = {"post": (TooManyTitles,)}
    pagination_class = None

    @extend_schema(summary="My invoice titles", responses=InvoiceTitleBookSerializer)
    def get(self, request: Request) -> Response:
        book = {"limit": InvoiceTitle.LIMIT, "titles": self.get_queryset()}
        return Response(InvoiceTitleBookSerializer(book).data)

    @extend_schema(
        summary="Add an invoice title",
        description="A company's tax number is its unified social credit code (GB 32100), or the identity number of a "
        "sole trader; its check characters must be right.",
        responses={201: InvoiceTitleSerializer},
        examples=[
            OpenApiExample(
                "A company",
                value={"kind": "company", "name": "示例公司", "tax_number": "91350100M000100Y43"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["invoices"])
class TitleView(OwnTitlesView):
    @extend_schema(summary="Replace an invoice title")
    def put(self, request: Request, pk: int) -> Response:
        serializer = self.get_serializer(self.get_object(), data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)

    @extend_schema(summary="Delete an invoice title", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        services.delete_title(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["invoices"])
class DefaultTitleView(OwnTitlesView):
    @extend_schema(
        summary="Make an invoice title the default", request=None, responses=MessageSerializer
    )
    def put(self, request: Request, pk: int) -> Response:
        services.set_default_title(self.get_object())
        return Response({"message": "OK"})
