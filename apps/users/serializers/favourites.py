from rest_framework import serializers

from apps.goods.serializers import SKUSerializer


class FavouriteSerializer(SKUSerializer):
    """``is_launched`` is false for what can no longer be bought."""

    class Meta(SKUSerializer.Meta):
        fields = [*SKUSerializer.Meta.fields, "is_launched"]


class FavouriteIdSerializer(serializers.Serializer):
    sku_id = serializers.IntegerField()
