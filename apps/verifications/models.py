"""What a mobile is, and what a code is for. There are no tables: codes live in Redis, and not for long."""

from enum import StrEnum

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

MOBILE = r"\A1[3-9][0-9]{9}\Z"
mobile_validator = RegexValidator(MOBILE, _("This is not a mobile number."))


class Purpose(StrEnum):
    """What an SMS code is good for; one sent for the one is worthless for the other.

    ``SIGN_UP`` is registration, and binding an account of QQ, WeChat or Weibo: the contract has one address for both
    pages' codes and nothing that tells them apart. ``RESET`` is a forgotten password.
    """

    SIGN_UP = "sign_up"
    RESET = "reset"


def masked(mobile: str) -> str:
    """The mobile as others may see it: 138****0001."""
    return f"{mobile[:3]}****{mobile[-4:]}"
