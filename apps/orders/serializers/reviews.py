import unicodedata
from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.core.fields import PictureUploadField
from apps.goods.models import BEST_SCORE
from apps.orders import services
from apps.orders.models import OrderGoods, Review, ReviewImage

LARGEST_ID = 2**63 - 1
# What shows as nothing, and still is no space: fillers of the Hangul and Braille blocks.
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# What turns the text around it about, so that it shows something else than it is.
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class PlainTextField(serializers.CharField):
    """Text as a person writes it: without control characters, and without anything invisible around it."""

    default_error_messages = {"control": _("Control characters cannot be shown.")}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data).replace("\r\n", "\n").replace("\r", "\n")
        if any(_is_control(letter) for letter in text):
            self.fail("control")
        seen = [place for place, letter in enumerate(text) if not _is_blank(letter)]
        return text[seen[0] : seen[-1] + 1] if seen else ""


def _is_control(letter: str) -> bool:
    return letter in OVERRIDES or (unicodedata.category(letter) == "Cc" and letter not in "\n\t")


def _is_blank(letter: str) -> bool:
    return (
        letter.isspace() or letter in BLANK_LETTERS or unicodedata.category(letter) in {"Cf", "Zs"}
    )


class PictureAddressesSerializer(serializers.Serializer):
    """``sizes``: addresses by longest side in pixels."""

    id = serializers.IntegerField()
    url = serializers.CharField(source="image.url")
    sizes = serializers.DictField(source="image.urls", child=serializers.CharField())


class ReviewImageSerializer(PictureAddressesSerializer):
    """A picture for a review that is written within a day: the review names its ``id``."""

    id = serializers.IntegerField(read_only=True)
    url = serializers.CharField(source="image.url", read_only=True)
    sizes = serializers.DictField(
        source="image.urls", child=serializers.CharField(), read_only=True
    )
    image = PictureUploadField(write_only=True)

    def create(self, validated_data: dict[str, Any]) -> ReviewImage:
        return ReviewImage.objects.create(**validated_data)


class ReviewSerializer(serializers.ModelSerializer):
    """A review as everybody sees it. ``username`` of the anonymous is ``z***n``; ``specification`` is the variant's."""

    username = serializers.CharField(source="author_name")
    specification = serializers.CharField(source="line.specification")
    images = PictureAddressesSerializer(many=True)
    sku = serializers.IntegerField(source="sku_id")
    score = serializers.IntegerField()

    class Meta:
        model = Review
        fields = [
            "id",
            "sku",
            "specification",
            "username",
            "is_anonymous",
            "comment",
            "score",
            "images",
            "create_time",
            "reply",
            "replied_at",
        ]


class NewReviewSerializer(serializers.Serializer):
    """What a buyer says of a line. ``score`` 0, no star clicked, is 5; ``images`` are ids of uploads, in order."""

    comment = PlainTextField(min_length=Review.MIN_LENGTH, max_length=Review.MAX_LENGTH)
    score = serializers.IntegerField(min_value=0, max_value=BEST_SCORE, default=0)
    is_anonymous = serializers.BooleanField(default=False)
    images = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        max_length=ReviewImage.MOST,
        default=list,
    )

    def validate_images(self, image_ids: list[int]) -> list[int]:
        if len(set(image_ids)) < len(image_ids):
            raise serializers.ValidationError(_("A picture is named twice."))
        return image_ids

    def create(self, validated_data: dict[str, Any]) -> Review:
        return services.review_line(
            validated_data["line"],
            comment=validated_data["comment"],
            score=validated_data["score"] or BEST_SCORE,
            is_anonymous=validated_data["is_anonymous"],
            image_ids=validated_data["images"],
        )

    def to_representation(self, review: Review) -> dict[str, Any]:
        return cast("dict[str, Any]", ReviewSerializer(review).data)


class OrderReviewSerializer(NewReviewSerializer):
    """``order`` may be left out: the address names it. Another than that is a mistake."""

    order = serializers.CharField(required=False)
    sku = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)

    def validate_order(self, order_id: str) -> str:
        if order_id != self.context["order"].pk:
            raise serializers.ValidationError(_("This is not the order of the address."))
        return order_id

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        line = self.context["order"].skus.select_related("sku").filter(sku=attrs["sku"]).first()
        if line is None:
            raise serializers.ValidationError({"sku": [_("This is not part of the order.")]})
        return {**attrs, "line": line}


class SKUReviewSerializer(NewReviewSerializer):
    """The same, where the address names the SKU."""

    order = serializers.CharField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        mine = OrderGoods.objects.filter(order__user=self.context["request"].user)
        of_order = mine.filter(order=attrs["order"], sku__id=self.context["sku_id"])
        line = of_order.select_related("sku").first()
        if line is None:
            raise serializers.ValidationError({"order": [_("You have no such order of this.")]})
        return {**attrs, "line": line}
