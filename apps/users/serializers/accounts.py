from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.tokens import RefreshToken

from apps.users import services
from apps.users.models import User
from apps.users.models.account import USERNAME_TAKEN
from apps.users.serializers.fields import AgreementField, MobileField, UsernameField
from apps.users.serializers.passwords import NewPasswordSerializer


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "mobile", "email", "email_active"]


class UsernameCountSerializer(serializers.Serializer):
    username = serializers.CharField()
    count = serializers.IntegerField(min_value=0, max_value=1)


class MobileCountSerializer(serializers.Serializer):
    mobile = serializers.CharField()
    count = serializers.IntegerField(min_value=0, max_value=1)


class RegistrationSerializer(NewPasswordSerializer):
    """Everything is checked before the SMS code is used up: nobody needs a second SMS for a weak password."""

    username = UsernameField()
    mobile = MobileField()
    sms_code = serializers.CharField(max_length=20, write_only=True)
    allow = AgreementField(write_only=True)

    def validate_username(self, username: str) -> str:
        if User.objects.named(username).exists():
            raise serializers.ValidationError(USERNAME_TAKEN)
        return username

    def validate_mobile(self, mobile: str) -> str:
        if User.objects.filter(mobile=mobile).exists():
            raise serializers.ValidationError(_("This mobile number is registered already."))
        return mobile

    def person(self, attrs: dict[str, Any]) -> User:
        return User(username=attrs["username"], mobile=attrs["mobile"])

    def create(self, validated_data: dict[str, Any]) -> User:
        del validated_data["allow"]
        return services.register(**validated_data)


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


class RegisteredSerializer(SessionSerializer):
    id = serializers.IntegerField()
    mobile = serializers.CharField()


class PasswordChangedSerializer(SessionSerializer):
    id = serializers.IntegerField()


class RefreshTokenField(serializers.CharField):
    """A refresh token as its text; raises InvalidToken, which is a 401."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return RefreshToken(super().to_internal_value(data))  # type: ignore[arg-type]  # a text, too
        except (TokenError, UnicodeEncodeError) as exc:
            raise InvalidToken from exc


class RefreshSerializer(serializers.Serializer):
    """Asks of a refresh token what an access token is asked: is its user there, active, and the password the same?

    And whether it was logged out. The token itself is not replaced: a session ends after REFRESH_TOKEN_DAYS, however
    busy it is, and an answer that gets lost on the way logs nobody out.
    """

    refresh = RefreshTokenField(write_only=True)
    access = serializers.CharField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        token = attrs["refresh"]
        JWTAuthentication().get_user(token)
        if services.is_logged_out(token["jti"]):
            raise InvalidToken
        return {"access": str(token.access_token)}


class LogoutSerializer(serializers.Serializer):
    refresh = RefreshTokenField(write_only=True)
