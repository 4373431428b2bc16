from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.areas.models import Area
from apps.users import services
from apps.users.models import Address


class AreaIdField(serializers.PrimaryKeyRelatedField):
    """A whole number: left to itself the database is asked for any, and fails on JSON's 1e400, which is infinite."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pk_field=serializers.IntegerField(), **kwargs)


class AddressSerializer(serializers.ModelSerializer):
    """The names of the areas are read-only: the ids decide. Without a title, the receiver is the title."""

    province: serializers.Field = serializers.StringRelatedField()
    city: serializers.Field = serializers.StringRelatedField()
    district: serializers.Field = serializers.StringRelatedField()
    province_id = AreaIdField(source="province", queryset=Area.objects.provinces())
    city_id = AreaIdField(source="city", queryset=Area.objects.all())
    district_id = AreaIdField(source="district", queryset=Area.objects.all())

    class Meta:
        model = Address
        fields = [
            "id",
            "title",
            "receiver",
            "province",
            "city",
            "district",
            "province_id",
            "city_id",
            "district_id",
            "place",
            "mobile",
            "tel",
            "email",
        ]
        extra_kwargs = {"title": {"required": False, "allow_blank": True}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["city"].parent_id != attrs["province"].pk:
            raise serializers.ValidationError({"city_id": [_("This city is in another province.")]})
        if attrs["district"].parent_id != attrs["city"].pk:
            raise serializers.ValidationError(
                {"district_id": [_("This district is in another city.")]}
            )
        attrs["title"] = attrs.get("title") or attrs["receiver"]
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Address:
        return services.add_address(self.context["request"].user, **validated_data)

    def update(self, instance: Address, validated_data: dict[str, Any]) -> Address:
        return services.edit_address(instance, **validated_data)


class AddressTitleSerializer(serializers.ModelSerializer):
    class Meta:
        model = Address
        fields = ["title"]

    def update(self, instance: Address, validated_data: dict[str, Any]) -> Address:
        return services.edit_address(instance, **validated_data)


class AddressBookSerializer(serializers.Serializer):
    user_id = serializers.IntegerField()
    default_address_id = serializers.IntegerField(allow_null=True)
    limit = serializers.IntegerField()
    addresses = AddressSerializer(many=True)
