from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.invoices import services
from apps.invoices.models import InvoiceTitle
from apps.invoices.serializers.fields import DigitsField, LineField, PhoneField, TaxNumberField

COMPANY = InvoiceTitle.TitleKind.COMPANY


class InvoiceTitleSerializer(serializers.ModelSerializer):
    """A company has a tax number, a person has none. What is not given is blank: a PUT replaces everything."""

    kind = serializers.ChoiceField(choices=InvoiceTitle.TitleKind.choices)
    name = LineField(max_length=100)
    tax_number = TaxNumberField(max_length=30, allow_blank=True, default="")
    bank = LineField(max_length=100, allow_blank=True, default="")
    account = DigitsField(max_length=30, allow_blank=True, default="")
    address = LineField(max_length=200, allow_blank=True, default="")
    phone = PhoneField(max_length=20, allow_blank=True, default="")
    is_default = serializers.BooleanField(read_only=True)

    class Meta:
        model = InvoiceTitle
        fields = [
            "id",
            "kind",
            "name",
            "tax_number",
            "bank",
            "account",
            "address",
            "phone",
            "is_default",
        ]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_company = attrs["kind"] == COMPANY
        if is_company and not attrs["tax_number"]:
            raise serializers.ValidationError(
                {"tax_number": [_("A company's invoice needs its tax number.")]}
            )
        if not is_company and attrs["tax_number"]:
            raise serializers.ValidationError({"tax_number": [_("A person has no tax number.")]})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> InvoiceTitle:
        return services.add_title(self.context["request"].user, **validated_data)

    def update(self, instance: InvoiceTitle, validated_data: dict[str, Any]) -> InvoiceTitle:
        return services.edit_title(instance, **validated_data)


class InvoiceTitleBookSerializer(serializers.Serializer):
    limit = serializers.IntegerField()
    titles = InvoiceTitleSerializer(many=True)
