from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.goods.models import Brand, Category


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["id", "name"]


class CategoryLeafSerializer(CategorySerializer):
    subs = CategorySerializer(many=True)

    class Meta(CategorySerializer.Meta):
        fields = ["id", "name", "subs"]


class CategoryTreeSerializer(CategorySerializer):
    subs = CategoryLeafSerializer(many=True)

    class Meta(CategorySerializer.Meta):
        fields = ["id", "name", "subs"]


class MenuChannelSerializer(serializers.Serializer):
    """``id`` and ``name`` are those of the channel's category."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField(allow_blank=True)


class MenuCategorySerializer(CategorySerializer):
    sub_cats = CategorySerializer(many=True)

    class Meta(CategorySerializer.Meta):
        fields = ["id", "name", "sub_cats"]


class MenuGroupSerializer(serializers.Serializer):
    """Channels that share a line of the menu, and the categories right below all of them."""

    group_id = serializers.IntegerField()
    channels = MenuChannelSerializer(many=True)
    sub_cats = MenuCategorySerializer(many=True)


class ChannelCrumbSerializer(serializers.Serializer):
    url = serializers.CharField(allow_blank=True)
    category = CategorySerializer()


@extend_schema_field(
    {
        "oneOf": [
            {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
                "required": ["id", "name"],
            },
            {"type": "string", "enum": [""]},
        ]
    }
)
class CrumbField(serializers.Field):
    """A category, or "" where the path does not reach so far down."""

    def to_representation(self, value: Any) -> Any:
        return value


class BreadcrumbsSerializer(serializers.Serializer):
    cat1 = ChannelCrumbSerializer()
    cat2 = CrumbField()
    cat3 = CrumbField()


class BrandSerializer(serializers.ModelSerializer):
    class Meta:
        model = Brand
        fields = ["id", "name", "logo", "first_letter"]


class BrandQuerySerializer(serializers.Serializer):
    category = serializers.IntegerField(
        min_value=1,
        max_value=2**63 - 1,
        required=False,
        help_text="Brands of what is on sale there.",
    )
