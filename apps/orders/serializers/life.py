from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.orders.models import OrderEvent, OrderInfo, Shipment, Status, TrackingEvent
from apps.orders.serializers.orders import OrderSerializer, ShanghaiTimeField

LONGEST_QUERY = 100


class OrderFilterSerializer(serializers.Serializer):
    """Which of the buyer's orders; ``q`` is a whole order number or part of a line's name."""

    status = serializers.ChoiceField(Status.choices, required=False)
    q = serializers.CharField(max_length=LONGEST_QUERY, required=False, allow_blank=True)


class OrderCountsSerializer(serializers.Serializer):
    unpaid = serializers.IntegerField()
    unsend = serializers.IntegerField()
    unreceived = serializers.IntegerField()
    uncomment = serializers.IntegerField()
    finished = serializers.IntegerField()
    canceled = serializers.IntegerField()


class AddedLineSerializer(serializers.Serializer):
    sku_id = serializers.IntegerField()
    name = serializers.CharField()
    count = serializers.IntegerField()


class RefusedLineSerializer(serializers.Serializer):
    """``reason`` is a code as the cart's own refusals have, ``text`` the same in words."""

    sku_id = serializers.IntegerField()
    name = serializers.CharField()
    reason = serializers.CharField()
    text = serializers.CharField()


class ReorderSerializer(serializers.Serializer):
    added = AddedLineSerializer(many=True)
    refused = RefusedLineSerializer(many=True)


class OrderEventSerializer(serializers.ModelSerializer):
    """A step as the buyer may read it: neither who took it nor what was noted about it inside the shop.

    ``reason`` is what an operator who canceled the order wrote for the buyer, else "".
    """

    time = ShanghaiTimeField(source="create_time", read_only=True)
    text = serializers.CharField(source="get_step_display", read_only=True)
    reason = serializers.CharField(source="reason_for_buyer", read_only=True)

    class Meta:
        model = OrderEvent
        fields = ["time", "step", "text", "reason"]


class ShipmentSerializer(serializers.ModelSerializer):
    carrier = serializers.CharField(source="carrier.name", read_only=True)
    state_text = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Shipment
        fields = ["carrier", "number", "state", "state_text"]


class TrackingEventSerializer(serializers.ModelSerializer):
    time = ShanghaiTimeField(source="at", read_only=True)
    text = serializers.CharField(source="description", read_only=True)

    class Meta:
        model = TrackingEvent
        fields = ["time", "text"]


class TrackingSerializer(ShipmentSerializer):
    # "" before there is a parcel.
    state = serializers.ChoiceField(Shipment.State.choices, allow_blank=True)
    events = TrackingEventSerializer(many=True, read_only=True)

    class Meta(ShipmentSerializer.Meta):
        fields = [*ShipmentSerializer.Meta.fields, "events"]


class OrderDetailSerializer(OrderSerializer):
    status_text = serializers.CharField(source="get_status_display", read_only=True)
    events = OrderEventSerializer(many=True, read_only=True)
    shipment = serializers.SerializerMethodField()

    class Meta(OrderSerializer.Meta):
        fields = [
            *OrderSerializer.Meta.fields,
            "status_text",
            "receiver",
            "mobile",
            "tel",
            "email",
            "province",
            "city",
            "district",
            "place",
            "events",
            "shipment",
        ]

    @extend_schema_field(ShipmentSerializer(allow_null=True))
    def get_shipment(self, order: OrderInfo) -> dict[str, Any] | None:
        shipment = getattr(order, "shipment", None)
        return cast("dict[str, Any]", ShipmentSerializer(shipment).data) if shipment else None
