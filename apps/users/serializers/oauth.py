from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from rest_framework import serializers

from apps.users.models import OAuthAccount, User
from apps.users.serializers.accounts import SessionSerializer
from apps.users.serializers.fields import MobileField, PasswordField


class AuthorizationSerializer(serializers.Serializer):
    """``oauth_url`` is what some storefronts call it."""

    login_url = serializers.URLField()
    oauth_url = serializers.URLField()


class SignedInOrNotSerializer(SessionSerializer):
    """A session; or, for who is not bound to an account yet, ``access_token`` and nothing else."""

    token = serializers.CharField(required=False)
    refresh = serializers.CharField(required=False)
    user_id = serializers.IntegerField(required=False)
    username = serializers.CharField(required=False)
    access_token = serializers.CharField(required=False)


class BindingSerializer(serializers.Serializer):
    """What the storefront sends. The password is that of the account, or shall be that of a new one."""

    mobile = MobileField()
    password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)
    sms_code = serializers.CharField(max_length=20, write_only=True)
    access_token = serializers.CharField(max_length=1000, write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if User.objects.filter(mobile=attrs["mobile"]).exists():
            return attrs
        try:
            PasswordField().run_validation(attrs["password"])
            validate_password(attrs["password"], User(mobile=attrs["mobile"]))
        except serializers.ValidationError as exc:
            raise serializers.ValidationError({"password": exc.detail}) from exc
        except ValidationError as exc:
            raise serializers.ValidationError({"password": exc.messages}) from exc
        return attrs


class OAuthAccountSerializer(serializers.ModelSerializer):
    class Meta:
        model = OAuthAccount
        fields = ["provider", "create_time"]
