import json
from typing import Any, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from apps.core.idempotency import digest, idempotency_key
from apps.core.transactions import retry_lost_transactions
from apps.orders import services
from apps.orders.exceptions import AlreadyPlaced
from apps.orders.models import OrderGoods, OrderInfo
from apps.orders.selectors import Basket
from apps.users.models import Address, User

PayMethod = OrderInfo.PayMethod
# A way to pay is on offer if its provider is; what is paid on delivery needs none.
PROVIDERS = {PayMethod.ALIPAY: "alipay", PayMethod.WECHATPAY: "wechatpay"}
PAY_METHODS_ON_OFFER = [
    (method.value, method.label)
    for method in PayMethod
    if method not in PROVIDERS or PROVIDERS[method] in settings.PAYMENT_GATEWAYS
]


@extend_schema_field(int)
class OwnAddressField(serializers.PrimaryKeyRelatedField):
    """An address of the buyer who asks; others' and deleted ones do not exist."""

    default_error_messages = {"does_not_exist": _("You have no such address.")}

    def get_queryset(self) -> QuerySet[Address]:
        buyer: User = self.context["request"].user
        return buyer.addresses.live().with_areas()


class PlaceOrderSerializer(serializers.Serializer):
    """The door through which an order comes in. ``pay_method``: 1 cash on delivery, 2 Alipay, 3 WeChat Pay."""

    address = OwnAddressField(pk_field=serializers.IntegerField(), write_only=True)
    pay_method = serializers.ChoiceField(choices=PAY_METHODS_ON_OFFER, write_only=True)
    order_id = serializers.CharField(read_only=True)

    def create(self, validated_data: dict[str, Any]) -> OrderInfo:
        """Place the order in one transaction: every ticked line, or nothing. A repeat gets the first one's order."""
        buyer = self.context["request"].user
        submission = _submission(self.context["request"], validated_data)
        try:
            with services.checkout(buyer.pk, submission) as basket:
                return self._place(buyer, basket, submission=submission, **validated_data)
        except AlreadyPlaced as earlier:
            return earlier.order

    @retry_lost_transactions
    def _place(
        self, buyer: User, basket: Basket, *, submission: services.Submission, **terms: Any
    ) -> OrderInfo:
        order_id = services.new_order_id(buyer.pk, at=timezone.now())
        try:
            with transaction.atomic(durable=True):
                order = services.open_order(
                    buyer, basket, order_id=order_id, submission=submission, **terms
                )
                services.fill_order(order, basket)
        except IntegrityError:
            earlier = services.order_in_the_way(buyer.pk, basket, submission, order_id=order_id)
            if earlier is None:
                raise
            return earlier
        return order


def _submission(request: Request, asked: dict[str, Any]) -> services.Submission:
    terms = json.dumps({"address": asked["address"].pk, "pay_method": asked["pay_method"]})
    return services.Submission(digest=digest(terms), key=idempotency_key(request))


class SettlementLineSerializer(serializers.Serializer):
    """``obstacle``: why this line could not be ordered now, "short" or "withdrawn"; "" if it could."""

    id = serializers.IntegerField(source="sku.id")
    name = serializers.CharField(source="sku.name")
    default_image_url = serializers.SerializerMethodField()
    specification = serializers.CharField(source="sku.specification")
    price = serializers.DecimalField(max_digits=10, decimal_places=2)
    count = serializers.IntegerField()
    obstacle = serializers.CharField()

    def get_default_image_url(self, line: Any) -> str:
        return _image_url(line.sku.image)


class SettlementSerializer(serializers.Serializer):
    freight = serializers.DecimalField(max_digits=10, decimal_places=2)
    skus = SettlementLineSerializer(many=True, source="lines")
    total_count = serializers.IntegerField()
    # A full cart may come to more than an order may.
    total_amount = serializers.DecimalField(max_digits=16, decimal_places=2)


class SoldSKUSerializer(serializers.Serializer):
    """The SKU as it was sold."""

    id = serializers.IntegerField(source="sku_id")
    name = serializers.CharField()
    default_image_url = serializers.SerializerMethodField()
    specification = serializers.CharField()

    def get_default_image_url(self, line: OrderGoods) -> str:
        return _image_url(line.image)


class OrderLineSerializer(serializers.ModelSerializer):
    sku = serializers.SerializerMethodField()

    class Meta:
        model = OrderGoods
        fields = ["id", "count", "price", "sku"]

    @extend_schema_field(SoldSKUSerializer)
    def get_sku(self, line: OrderGoods) -> dict[str, Any]:
        return cast("dict[str, Any]", SoldSKUSerializer(line).data)


@extend_schema_field({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"})
class ShanghaiTimeField(serializers.DateTimeField):
    """The contract's ``YYYY-MM-DD HH:MM:SS``, which OpenAPI would not call a date-time."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d %H:%M:%S", **kwargs)


class OrderSerializer(serializers.ModelSerializer):
    """``create_time`` is Shanghai time as the storefronts print it, ``YYYY-MM-DD HH:MM:SS``."""

    create_time = ShanghaiTimeField(read_only=True)
    skus = OrderLineSerializer(many=True)

    class Meta:
        model = OrderInfo
        fields = [
            "order_id",
            "create_time",
            "total_count",
            "total_amount",
            "freight",
            "pay_method",
            "status",
            "skus",
        ]


def _image_url(name: str) -> str:
    return default_storage.url(name) if name else ""
