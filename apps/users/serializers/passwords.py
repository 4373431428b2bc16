from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.users import services
from apps.users.models import User
from apps.users.serializers.fields import PasswordField


class NewPasswordSerializer(serializers.Serializer):
    """A password chosen, and typed again."""

    password = PasswordField()
    password2 = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["password"] != attrs.pop("password2"):
            raise serializers.ValidationError(_("The two passwords are not the same."))
        try:
            validate_password(attrs["password"], self.person(attrs))
        except ValidationError as exc:
            raise serializers.ValidationError({"password": exc.messages}) from exc
        return attrs

    def person(self, attrs: dict[str, Any]) -> User:
        """Whose password it will be: it must not resemble what is known of them."""
        raise NotImplementedError


class PasswordResetSerializer(NewPasswordSerializer):
    """``access_token`` is the one for the SMS code. It must be the token of the user in the path."""

    access_token = serializers.CharField(max_length=200, write_only=True)

    def person(self, attrs: dict[str, Any]) -> User:
        user = services.bearer(self.context["user_id"], attrs.pop("access_token"))
        attrs["user"] = user
        return user


class PasswordChangeSerializer(NewPasswordSerializer):
    old_password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)

    def person(self, attrs: dict[str, Any]) -> User:
        user: User = self.context["user"]
        return user


class ResetOfferSerializer(serializers.Serializer):
    mobile = serializers.CharField(help_text="Masked: 138****0001.")
    access_token = serializers.CharField(help_text="For `GET /sms_codes/?access_token=`.")


class SMSProofSerializer(serializers.Serializer):
    sms_code = serializers.CharField(max_length=20)


class ResetTokenSerializer(serializers.Serializer):
    user_id = serializers.IntegerField()
    access_token = serializers.CharField(help_text="For `POST /users/<user_id>/password/`; 600 s.")


class UserIdSerializer(serializers.Serializer):
    id = serializers.IntegerField()
