from typing import Any

from rest_framework import serializers

from apps.payment.gateways.interface import PaymentGateway
from apps.payment.models import Payment
from apps.payment.serializers.qr import qr_svg
from apps.payment.services import Started

FORMS = ["url", "qr", "params"]


class ProductSerializer(serializers.Serializer):
    product = serializers.CharField()
    form = serializers.ChoiceField(choices=FORMS)
    needs = serializers.ListField(child=serializers.ChoiceField(choices=["openid"]))


class ProviderSerializer(serializers.Serializer):
    """``needs`` names what a storefront has to send to pay by that product; ``name`` is what the buyer reads."""

    provider = serializers.CharField()
    name = serializers.CharField()
    products = ProductSerializer(many=True)

    def to_representation(self, us: PaymentGateway) -> dict[str, Any]:
        products = [
            # The address that a buyer comes from is seen by us, not told by the storefront.
            {"product": name, "form": each.form, "needs": sorted(each.needs - {"client_ip"})}
            for name, each in us.products.items()
        ]
        shown = {"provider": us.provider, "name": us.name, "products": products}
        return super().to_representation(shown)


class StartPaymentSerializer(serializers.Serializer):
    provider = serializers.CharField(max_length=20)
    product = serializers.CharField(max_length=20)
    openid = serializers.RegexField(
        r"\A[A-Za-z0-9_-]{0,128}\Z", default="", allow_blank=True, trim_whitespace=False
    )


class QRSerializer(serializers.Serializer):
    text = serializers.CharField()
    svg = serializers.CharField()


class StartedSerializer(serializers.Serializer):
    """Beside ``form`` stands the one field that it names."""

    out_trade_no = serializers.CharField(source="payment.out_trade_no")
    provider = serializers.CharField(source="payment.provider")
    product = serializers.CharField(source="payment.product")
    amount = serializers.DecimalField(source="payment.amount", max_digits=10, decimal_places=2)
    expires_at = serializers.DateTimeField(source="payment.expires_at")
    form = serializers.ChoiceField(choices=FORMS)
    url = serializers.URLField(required=False)
    qr = QRSerializer(required=False)
    params = serializers.DictField(child=serializers.CharField(), required=False)

    def to_representation(self, started: Started) -> dict[str, Any]:
        way = getattr(started, started.form)
        if started.form == "qr":
            way = {"text": started.qr, "svg": qr_svg(started.qr)}
        shown = {"payment": started.payment, "form": started.form, started.form: way}
        return super().to_representation(shown)


class AttemptSerializer(serializers.ModelSerializer):
    """``refunded_amount`` is what went back or is on its way back."""

    state_text = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Payment
        fields = [
            "out_trade_no",
            "provider",
            "product",
            "amount",
            "state",
            "state_text",
            "create_time",
            "expires_at",
            "paid_at",
            "refunded_amount",
        ]
