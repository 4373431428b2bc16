from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.invoices import services
from apps.invoices.models import Invoice, InvoiceTitle

if TYPE_CHECKING:
    from apps.users.models import User


@extend_schema_field(int)
class OwnTitleField(serializers.PrimaryKeyRelatedField):
    """An invoice title of the buyer who asks; others' and deleted ones do not exist."""

    default_error_messages = {"does_not_exist": _("You have no such invoice title.")}

    def get_queryset(self) -> QuerySet[InvoiceTitle]:
        buyer: User = self.context["request"].user
        return InvoiceTitle.objects.live().filter(user=buyer)


class RequestInvoiceSerializer(serializers.Serializer):
    title = OwnTitleField(pk_field=serializers.IntegerField())
    email = serializers.EmailField(max_length=100, allow_blank=True, default="")


class InvoiceSerializer(serializers.ModelSerializer):
    """``kind`` is blue or red; a red letter takes a part of the blue one ``original`` back. ``amount`` is CNY yuan.

    ``pdf_url`` needs no token and ends after five minutes; null until there is a PDF.
    """

    pdf_url = serializers.SerializerMethodField()

    class Meta:
        model = Invoice
        fields = [
            "id",
            "kind",
            "state",
            "original",
            "title_kind",
            "name",
            "tax_number",
            "bank",
            "account",
            "address",
            "phone",
            "email",
            "amount",
            "code",
            "number",
            "issued_at",
            "create_time",
            "pdf_url",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_pdf_url(self, invoice: Invoice) -> str | None:
        return services.pdf_link(invoice)


class OrderInvoicesSerializer(serializers.Serializer):
    """``invoices``: all of the order's, the newest first. ``invoice``: the one that waits or holds, if there is one."""

    order_id = serializers.CharField()
    invoice: Any = InvoiceSerializer(allow_null=True)
    invoices = InvoiceSerializer(many=True)
