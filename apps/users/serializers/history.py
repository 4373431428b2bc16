from rest_framework import serializers

BIGGEST_ID = 2**63 - 1


class VisitSerializer(serializers.Serializer):
    """``sku_id`` may be text: the storefronts read it from the page's address."""

    sku_id = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)
