import re
from collections import defaultdict
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.core.fields import RepeatedField
from apps.goods.selectors import Filter

MAX_CHOICES = 50
MAX_SPECIFICATIONS = 5
"""Each is a subquery of three tables, and with a dozen of them MariaDB plans for minutes in what order to join."""
_PRICE: dict[str, Any] = {"max_digits": 10, "decimal_places": 2, "min_value": 0, "required": False}


class SpecificationField(serializers.CharField):
    """``颜色:黑色`` as ("颜色", "黑色")."""

    default_error_messages = {
        "shape": _("A name and a value with a colon between, like 颜色:黑色.")
    }

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # Apart only after the validators have seen it: they look for NUL in text, not in pairs.
        name, *value = re.split("[:：]", super().run_validation(data), maxsplit=1)
        if not (name and value and value[0]):
            self.fail("shape")
        return name.strip(), value[0].strip()


class FilterSerializer(serializers.Serializer):
    """What narrows the list of a category. Prices are CNY yuan, ends included."""

    brand = RepeatedField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        max_length=MAX_CHOICES,
        required=False,
        help_text="The id of a brand; repeat it for one or the other.",
    )
    min_price = serializers.DecimalField(**_PRICE)
    max_price = serializers.DecimalField(**_PRICE)
    spec = RepeatedField(
        child=SpecificationField(max_length=50),
        max_length=MAX_CHOICES,
        required=False,
        help_text=(
            "A specification and its value, `颜色:黑色`. Values of one name are alternatives; "
            f"at most {MAX_SPECIFICATIONS} names."
        ),
    )
    in_stock = serializers.BooleanField(required=False, help_text="Only what can be had now.")

    def validate_spec(self, chosen: list[tuple[str, str]]) -> list[tuple[str, str]]:
        if len({name for name, _value in chosen}) > MAX_SPECIFICATIONS:
            limit = {"count": MAX_SPECIFICATIONS}
            raise serializers.ValidationError(_("At most %(count)d specifications.") % limit)
        return chosen

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("min_price", 0) > attrs.get("max_price", attrs.get("min_price", 0)):
            raise serializers.ValidationError({"max_price": [_("Less than the lowest price.")]})
        return attrs

    @property
    def filter(self) -> Filter:
        chosen = self.validated_data
        specs: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for name, value in chosen.get("spec", []):
            specs[name] += (value,)
        return Filter(
            brand_ids=tuple(chosen.get("brand", [])),
            min_price=chosen.get("min_price"),
            max_price=chosen.get("max_price"),
            specs=dict(specs),
            in_stock=chosen.get("in_stock", False),
        )


class BrandCountSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    count = serializers.IntegerField()


class PriceSpanSerializer(serializers.Serializer):
    min = serializers.DecimalField(max_digits=10, decimal_places=2)
    max = serializers.DecimalField(max_digits=10, decimal_places=2)


class ValueCountSerializer(serializers.Serializer):
    value = serializers.CharField()
    count = serializers.IntegerField()


class SpecificationCountSerializer(serializers.Serializer):
    name = serializers.CharField()
    values = ValueCountSerializer(many=True)


class FacetsSerializer(serializers.Serializer):
    """``count`` is how many SKUs there are; the others, how many each choice would give. ``price`` is null without."""

    count = serializers.IntegerField()
    brands = BrandCountSerializer(many=True)
    price = PriceSpanSerializer(allow_null=True)
    specs = SpecificationCountSerializer(many=True)
