from rest_framework import serializers

from apps.goods.serializers import FilterSerializer, SKUSerializer
from apps.goods.serializers.filters import BrandCountSerializer, FacetsSerializer
from apps.search.gateways.base import Filters

MAX_TEXT = 100


class TextSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=MAX_TEXT, allow_blank=True, default="")


class SearchQuerySerializer(TextSerializer, FilterSerializer):
    """What one searches for, with the filters of a category's list; without a text, everything on sale."""

    category = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="The id, of any level."
    )

    @property
    def filters(self) -> Filters:
        chosen = self.filter
        return Filters(
            brands=chosen.brand_ids,
            category=self.validated_data.get("category"),
            min_price=chosen.min_price,
            max_price=chosen.max_price,
            specs=dict(chosen.specs),
            in_stock=chosen.in_stock,
        )


class FoundSerializer(serializers.Serializer):
    """A search result: ``object`` is the SKU, ``text`` what it was found by."""

    text = serializers.CharField(source="name")
    object = SKUSerializer(source="*")


class CategoryCountSerializer(BrandCountSerializer):
    """A category of the third level."""


class FoundFacetsSerializer(FacetsSerializer):
    categories = CategoryCountSerializer(many=True)
