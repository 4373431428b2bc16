from rest_framework import serializers

from apps.carts.store import MAX_COUNT

BIGGEST_ID = 2**63 - 1


class CartItemSerializer(serializers.Serializer):
    sku_id = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)
    count = serializers.IntegerField(min_value=1, max_value=MAX_COUNT)
    selected = serializers.BooleanField(default=True)


class CartRemovalSerializer(serializers.Serializer):
    sku_id = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)


class CartSelectionSerializer(serializers.Serializer):
    """Without ``sku_id`` every line is meant."""

    selected = serializers.BooleanField()
    sku_id = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID, required=False)


class CartLineSerializer(serializers.Serializer):
    """``is_repriced``: ``price`` is not what it was when the SKU was added, which was ``added_price``.

    ``price_drop`` is how much cheaper it is since, else "0.00". ``stock`` is how many units are left; ``is_short`` if
    those are fewer than ``count``.
    """

    id = serializers.IntegerField()
    name = serializers.CharField()
    price = serializers.DecimalField(max_digits=10, decimal_places=2)
    default_image_url = serializers.CharField()
    count = serializers.IntegerField()
    selected = serializers.BooleanField()
    added_price = serializers.DecimalField(max_digits=10, decimal_places=2)
    is_repriced = serializers.BooleanField()
    price_drop = serializers.DecimalField(max_digits=10, decimal_places=2)
    stock = serializers.IntegerField()
    is_short = serializers.BooleanField()
    is_launched = serializers.BooleanField()
