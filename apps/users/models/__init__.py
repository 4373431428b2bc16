from apps.users.models.account import (
    AccountManager,
    User,
    folded,
    not_a_mobile_validator,
)
from apps.users.models.address import Address
from apps.users.models.favourite import Favourite
from apps.users.models.oauth import OAuthAccount, OAuthAccountQuerySet, Provider
from apps.verifications.models import MOBILE, mobile_validator

__all__ = [
    "MOBILE",
    "AccountManager",
    "Address",
    "Favourite",
    "OAuthAccount",
    "OAuthAccountQuerySet",
    "Provider",
    "User",
    "folded",
    "mobile_validator",
    "not_a_mobile_validator",
]
