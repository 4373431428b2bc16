from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.after_sales.models import AfterSale, AfterSaleLine
from apps.after_sales.serializers.pictures import AfterSalePictureSerializer, PictureIdsField

State = AfterSale.State
MOST_LINES = 100
MOST_UNITS = 2**31 - 1


class WantedLineSerializer(serializers.Serializer):
    line = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    count = serializers.IntegerField(min_value=1, max_value=MOST_UNITS)


class RequestAfterSaleSerializer(serializers.Serializer):
    """``lines`` are ids of the order's lines with how many units of each; of a cancellation there are none.

    ``amount`` is CNY yuan; without it as much is asked for as the units cost, or as is left of the payment.
    ``pictures`` are ids of uploads, in order.
    """

    order_id = serializers.RegexField(r"^[0-9]{1,32}\Z")
    kind = serializers.ChoiceField(choices=AfterSale.Kind.choices)
    reason = serializers.ChoiceField(choices=AfterSale.Reason.choices)
    words = serializers.CharField(
        max_length=AfterSale.LONGEST_WORDS, allow_blank=True, default="", trim_whitespace=True
    )
    lines = WantedLineSerializer(many=True, default=list, max_length=MOST_LINES)  # type: ignore[call-arg]
    amount = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, allow_null=True, default=None
    )

    pictures = PictureIdsField(default=list)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        """``counts`` instead of ``lines``, as the service takes them."""
        lines, picture_ids = asked.pop("lines"), asked.pop("pictures")
        counts = {each["line"]: each["count"] for each in lines}
        if len(counts) < len(lines):
            raise serializers.ValidationError({"lines": [_("Name each line once.")]})
        is_whole = asked["kind"] == AfterSale.Kind.CANCEL
        if is_whole and (counts or asked["amount"] is not None):
            raise serializers.ValidationError(
                {"kind": [_("An order is canceled as a whole, without lines or an amount.")]}
            )
        if not is_whole and not counts:
            raise serializers.ValidationError({"lines": [_("Say which lines it is about.")]})
        return {**asked, "counts": counts, "picture_ids": picture_ids}


class AfterSaleLineSerializer(serializers.ModelSerializer):
    """``line`` is the id of the order's line; ``price`` is CNY yuan a unit."""

    sku_id = serializers.IntegerField(source="line.sku_id", read_only=True)
    name = serializers.CharField(source="line.name", read_only=True)
    price = serializers.DecimalField(
        source="line.price", max_digits=10, decimal_places=2, read_only=True
    )

    class Meta:
        model = AfterSaleLine
        fields = ["line", "sku_id", "name", "price", "count"]
        read_only_fields = fields


class AfterSaleSerializer(serializers.ModelSerializer):
    """Amounts are CNY yuan. ``state`` is ``refunded`` once the money has gone back.

    ``answer`` is what the shop wrote when it decided.
    """

    order_id = serializers.CharField(read_only=True)
    kind_text = serializers.CharField(source="get_kind_display", read_only=True)
    state = serializers.ChoiceField(
        source="standing", choices=AfterSale.Standing.choices, read_only=True
    )
    state_text = serializers.CharField(source="standing.label", read_only=True)
    answer = serializers.SerializerMethodField()
    may_be_withdrawn = serializers.BooleanField(read_only=True)
    lines = AfterSaleLineSerializer(many=True, read_only=True)
    pictures = AfterSalePictureSerializer(many=True, read_only=True)

    class Meta:
        model = AfterSale
        fields = [
            "id",
            "number",
            "order_id",
            "kind",
            "kind_text",
            "state",
            "state_text",
            "reason",
            "words",
            "answer",
            "amount_asked",
            "amount_approved",
            "may_be_withdrawn",
            "lines",
            "pictures",
            "create_time",
        ]
        read_only_fields = fields

    def get_answer(self, after_sale: AfterSale) -> str:
        decided = {State.APPROVED, State.REJECTED, State.SETTLED}
        notes = [each.note for each in after_sale.events.all() if each.to_state in decided]
        return notes[-1] if notes else ""


class AskableLineSerializer(serializers.Serializer):
    line = serializers.IntegerField()
    sku_id = serializers.IntegerField()
    name = serializers.CharField()
    price = serializers.DecimalField(max_digits=10, decimal_places=2)
    count = serializers.IntegerField()
    askable_count = serializers.IntegerField()


class AskableSerializer(serializers.Serializer):
    """``kinds``: what can be asked now; ``until``: null as long as the order was not received. Amounts are CNY yuan."""

    order_id = serializers.CharField()
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=AfterSale.Kind.choices))
    until = serializers.DateTimeField(allow_null=True)
    refundable_amount = serializers.DecimalField(max_digits=10, decimal_places=2)
    lines = AskableLineSerializer(many=True)
