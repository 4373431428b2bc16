from rest_framework import serializers

from apps.orders.models import OrderEvent


class CancelSerializer(serializers.Serializer):
    """Why the buyer does not want it any more; need not be said."""

    reason = serializers.CharField(
        max_length=OrderEvent.LONGEST_REASON, required=False, allow_blank=True, default=""
    )
