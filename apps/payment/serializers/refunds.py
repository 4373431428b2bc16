import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.payment.models import Refund

# Whole yuan, or with jiao and fen, as the column of a payment holds them: Decimal would also read 1e3 and ٣.
YUAN = re.compile(r"[0-9]{1,8}(\.[0-9]{1,2})?", re.ASCII)


class YuanField(serializers.DecimalField):
    """CNY yuan, at least one fen."""

    default_error_messages = {"not_yuan": _("An amount in yuan, such as 12.50.")}

    def __init__(self, **kwargs: Any) -> None:
        least = Decimal("0.01")
        super().__init__(max_digits=10, decimal_places=2, min_value=least, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str | int | float) or not YUAN.fullmatch(str(data)):
            self.fail("not_yuan")
        return super().to_internal_value(data)


class RequestRefundSerializer(serializers.Serializer):
    """``reason`` is shown to the buyer, by us and by the provider."""

    amount = YuanField()
    reason = serializers.CharField(max_length=Refund._meta.get_field("reason").max_length)


class RefundSerializer(serializers.ModelSerializer):
    out_trade_no = serializers.CharField(source="payment.out_trade_no", read_only=True)
    state_text = serializers.CharField(source="get_state_display", read_only=True)
    channel_text = serializers.CharField(source="get_channel_display", read_only=True)

    class Meta:
        model = Refund
        fields = [
            "out_request_no",
            "out_trade_no",
            "amount",
            "reason",
            "state",
            "state_text",
            "channel",
            "channel_text",
            "create_time",
            "succeeded_at",
        ]
