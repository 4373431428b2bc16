from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.serializers import TokenRefreshSerializer

from apps.areas.models import Area
from apps.users import services
from apps.users.models import Address, User


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "mobile", "email", "email_active"]


class LoginSerializer(serializers.Serializer):
    """``username`` may be the mobile."""

    username = serializers.CharField(max_length=20)
    password = serializers.CharField(max_length=128, trim_whitespace=False)


class SessionSerializer(serializers.Serializer):
    """What a storefront keeps of a login. ``token`` is the access token."""

    token = serializers.CharField()
    refresh = serializers.CharField()
    user_id = serializers.IntegerField()
    username = serializers.CharField()


class RefreshSerializer(TokenRefreshSerializer):
    """Asks of a refresh token what an access token is asked: is its user there, active, and the password the same?"""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        JWTAuthentication().get_user(self.token_class(attrs["refresh"]))
        return super().validate(attrs)


class AreaIdField(serializers.PrimaryKeyRelatedField):
    """A whole number: left to itself the database is asked for any, and fails on JSON's 1e400, which is infinite."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pk_field=serializers.IntegerField(), **kwargs)


class AddressSerializer(serializers.ModelSerializer):
    """The names of the areas are read-only: the ids decide."""

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

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["city"].parent_id != attrs["province"].pk:
            raise serializers.ValidationError({"city_id": [_("This city is in another province.")]})
        if attrs["district"].parent_id != attrs["city"].pk:
            raise serializers.ValidationError(
                {"district_id": [_("This district is in another city.")]}
            )
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
