from rest_framework import serializers


class CashierSerializer(serializers.Serializer):
    alipay_url = serializers.URLField()


class PaidSerializer(serializers.Serializer):
    """``trade_id`` is the provider's number."""

    trade_id = serializers.CharField()
    order_id = serializers.CharField()
