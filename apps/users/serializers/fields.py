from typing import Any

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.users.models import User, mobile_validator, not_a_mobile_validator

# Two letters of Korean that show nothing (others become these when they are normalized): "buyer" with one looks like
# "buyer".
NAME = r"\A[^\W\u115f\u1160]*\Z"
NAME_RULE = _("A username has 5 to 20 letters, digits or underscores.")
PASSWORD_RULE = _("A password has 8 to 20 characters.")


class UsernameField(serializers.CharField):
    """A name that somebody chooses: what is full-width becomes half-width before it is looked at."""

    default_error_messages = {"min_length": NAME_RULE, "max_length": NAME_RULE}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=5, max_length=20, **kwargs)
        self.validators += [RegexValidator(NAME, NAME_RULE), not_a_mobile_validator]

    def to_internal_value(self, data: Any) -> str:
        return User.normalize_username(super().to_internal_value(data))


class MobileField(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(mobile_validator)


class PasswordField(serializers.CharField):
    """A password that somebody chooses. Spaces belong to it."""

    default_error_messages = {"min_length": PASSWORD_RULE, "max_length": PASSWORD_RULE}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_length=8, max_length=20, trim_whitespace=False, write_only=True, **kwargs
        )


@extend_schema_field(
    {"oneOf": [{"type": "string", "enum": ["true"]}, {"type": "boolean", "enum": [True]}]}
)
class AgreementField(serializers.Field):
    """Yes, as a checkbox's page says it: the string ``"true"``, or true."""

    default_error_messages = {
        "required": _("Please agree to the terms of use."),
        "null": _("Please agree to the terms of use."),
        "refused": _("Please agree to the terms of use."),
    }

    def to_internal_value(self, data: Any) -> bool:
        if data is not True and data != "true":
            self.fail("refused")
        return True
