from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.goods import selectors
from apps.goods.models import SKU, Goods, SKUImage
from apps.goods.selectors import Parts, rich_text
from apps.goods.serializers.categories import BrandSerializer, BreadcrumbsSerializer
from apps.goods.serializers.skus import ReviewSummarySerializer, SKUSerializer


class SKUImageSerializer(serializers.ModelSerializer):
    """``sizes``: addresses by longest side in pixels."""

    sizes = serializers.DictField(source="image.urls", child=serializers.CharField())

    class Meta:
        model = SKUImage
        fields = ["id", "image", "sizes"]


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


class PlainOptionSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    value = serializers.CharField()


class PlainSpecificationSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    options = PlainOptionSerializer(many=True)


class RichTextField(serializers.CharField):
    """HTML that can be shown as it is."""

    def to_representation(self, value: str) -> str:
        return rich_text.clean(value)


class GoodsBriefSerializer(serializers.ModelSerializer):
    brand = BrandSerializer()
    desc_detail = RichTextField()
    desc_pack = RichTextField()
    desc_service = RichTextField()

    class Meta:
        model = Goods
        fields = ["id", "name", "brand", "desc_detail", "desc_pack", "desc_service"]


class SKUDetailSerializer(SKUSerializer):
    """Its ``Parts`` are in the context."""

    goods = GoodsBriefSerializer()
    categories = serializers.SerializerMethodField()
    images = serializers.SerializerMethodField()
    specs = serializers.SerializerMethodField()
    reviews = ReviewSummarySerializer(source="review_summary")

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
            "reviews",
        ]

    @extend_schema_field(BreadcrumbsSerializer)
    def get_categories(self, sku: SKU) -> dict[str, Any]:
        return selectors.breadcrumbs(sku.category)

    @extend_schema_field(SKUImageSerializer(many=True))
    def get_images(self, sku: SKU) -> Any:
        return SKUImageSerializer(self._parts.images, many=True).data

    @extend_schema_field(SpecificationSerializer(many=True))
    def get_specs(self, sku: SKU) -> list[dict[str, Any]]:
        return self._parts.variants.matrix(sku.pk)

    @property
    def _parts(self) -> Parts:
        parts: Parts = self.context["parts"]
        return parts


class GoodsSKUSerializer(SKUSerializer):
    """``options``: the id of its option by the id of the specification."""

    options = serializers.SerializerMethodField()

    class Meta(SKUSerializer.Meta):
        fields = [*SKUSerializer.Meta.fields, "stock", "options"]

    def get_options(self, sku: SKU) -> dict[int, int]:
        options: dict[int, int] = self.context["parts"].variants.options_of_sku.get(sku.pk, {})
        return options


class GoodsDetailSerializer(GoodsBriefSerializer):
    """Its ``Parts`` are in the context. ``images`` are those of all its SKUs on sale, each once."""

    categories = serializers.SerializerMethodField()
    images = serializers.SerializerMethodField()
    specs = serializers.SerializerMethodField()
    skus = serializers.SerializerMethodField()
    reviews = ReviewSummarySerializer(source="review_summary")

    class Meta(GoodsBriefSerializer.Meta):
        fields = [
            *GoodsBriefSerializer.Meta.fields,
            "categories",
            "images",
            "specs",
            "skus",
            "reviews",
        ]

    @extend_schema_field(BreadcrumbsSerializer)
    def get_categories(self, goods: Goods) -> dict[str, Any]:
        return selectors.breadcrumbs(goods.category)

    @extend_schema_field(SKUImageSerializer(many=True))
    def get_images(self, goods: Goods) -> Any:
        once = {image.image.name: image for image in reversed(self._parts.images)}
        return SKUImageSerializer(reversed(once.values()), many=True).data

    @extend_schema_field(PlainSpecificationSerializer(many=True))
    def get_specs(self, goods: Goods) -> list[dict[str, Any]]:
        return self._parts.variants.specs

    @extend_schema_field(GoodsSKUSerializer(many=True))
    def get_skus(self, goods: Goods) -> Any:
        return GoodsSKUSerializer(self._parts.skus, many=True, context=self.context).data

    @property
    def _parts(self) -> Parts:
        parts: Parts = self.context["parts"]
        return parts
