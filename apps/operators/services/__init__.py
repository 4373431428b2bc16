from apps.operators.services.logins import record_login, remove_old_logins
from apps.operators.services.roles import ROLES, give_roles
from apps.operators.services.second_factor import (
    address_of,
    check_code,
    confirmed_device,
    enrol,
    new_key,
    typed_key,
)

__all__ = [
    "ROLES",
    "address_of",
    "check_code",
    "confirmed_device",
    "enrol",
    "give_roles",
    "new_key",
    "record_login",
    "remove_old_logins",
    "typed_key",
]
