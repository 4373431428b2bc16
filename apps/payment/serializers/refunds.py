from rest_framework import serializers

from apps.payment.models import Refund


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
