from rest_framework import serializers

from apps.goods.models import SKU


class SKUSerializer(serializers.ModelSerializer):
    """A SKU in a list. ``price`` is CNY yuan."""

    class Meta:
        model = SKU
        fields = ["id", "name", "price", "default_image_url", "comments"]


class ReviewSummarySerializer(serializers.Serializer):
    """``average`` stars and ``good_rate`` in percent are null without reviews; ``scores``: how many have 1 to 5."""

    count = serializers.IntegerField()
    average = serializers.FloatField(allow_null=True)
    good_rate = serializers.IntegerField(allow_null=True)
    scores = serializers.ListField(child=serializers.IntegerField())
