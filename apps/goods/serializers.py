from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.goods import selectors
from apps.goods.models import SKU, Brand, Category, Goods, SKUImage


class SKUSerializer(serializers.ModelSerializer):
    """A SKU in a list. ``price`` is CNY yuan."""

    class Meta:
        model = SKU
        fields = ["id", "name", "price", "default_image_url", "comments"]


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


class ChannelCrumbSerializer(serializers.Serializer):
    url = serializers.CharField(allow_blank=True)
    category = CategorySerializer()


class BreadcrumbsSerializer(serializers.Serializer):
    """``cat2`` and ``cat3`` are "" where the category is of a higher level."""

    cat1 = ChannelCrumbSerializer()
    cat2 = CategorySerializer()
    cat3 = CategorySerializer()


class BrandSerializer(serializers.ModelSerializer):
    class Meta:
        model = Brand
        fields = ["id", "name", "logo", "first_letter"]


class SKUImageSerializer(serializers.ModelSerializer):
    class Meta:
        model = SKUImage
        fields = ["id", "image"]


class OptionSerializer(serializers.Serializer):
    """``sku_id`` is where choosing this option leads, null if there is no such SKU on sale."""

    id = serializers.IntegerField()
    value = serializers.CharField()
    sku_id = serializers.IntegerField(allow_null=True)
    selected = serializers.BooleanField()


class SpecificationSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    options = OptionSerializer(many=True)


class GoodsBriefSerializer(serializers.ModelSerializer):
    brand = BrandSerializer()

    class Meta:
        model = Goods
        fields = ["id", "name", "brand", "desc_detail", "desc_pack", "desc_service"]


class SKUDetailSerializer(SKUSerializer):
    goods = GoodsBriefSerializer()
    categories = serializers.SerializerMethodField()
    images = SKUImageSerializer(many=True)
    specs = serializers.SerializerMethodField()

    class Meta(SKUSerializer.Meta):
        fields = [
            *SKUSerializer.Meta.fields,
            "caption",
            "market_price",
            "stock",
            "sales",
            "is_launched",
            "goods",
            "categories",
            "images",
            "specs",
        ]

    @extend_schema_field(BreadcrumbsSerializer)
    def get_categories(self, sku: SKU) -> dict[str, Any]:
        return selectors.breadcrumbs(sku.category)

    @extend_schema_field(SpecificationSerializer(many=True))
    def get_specs(self, sku: SKU) -> list[dict[str, Any]]:
        return selectors.variants(sku.goods).matrix(sku.pk)


class GoodsDetailSerializer(GoodsBriefSerializer):
    categories = serializers.SerializerMethodField()
    skus = serializers.SerializerMethodField()

    class Meta(GoodsBriefSerializer.Meta):
        fields = [*GoodsBriefSerializer.Meta.fields, "categories", "skus"]

    @extend_schema_field(BreadcrumbsSerializer)
    def get_categories(self, goods: Goods) -> dict[str, Any]:
        return selectors.breadcrumbs(goods.category)

    @extend_schema_field(SKUSerializer(many=True))
    def get_skus(self, goods: Goods) -> list[dict[str, Any]]:
        launched = goods.skus.launched().order_by("id")
        return list(SKUSerializer(launched, many=True).data)
