from typing import Any

from django.db import transaction

from apps.core.exceptions import Missing
from apps.users.exceptions import TooManyAddresses
from apps.users.models import Address, User


@transaction.atomic
def add_address(user: User, **fields: Any) -> Address:
    """Give the user one more address; raises TooManyAddresses at the limit.

    The user's row is locked: two requests at once cannot both take the last place.
    """
    User.objects.select_for_update().only("pk").get(pk=user.pk)
    if user.addresses.live().count() >= Address.LIMIT:
        raise TooManyAddresses(limit=Address.LIMIT)
    return Address.objects.create(user=user, **fields)


@transaction.atomic
def delete_address(address: Address) -> None:
    """Hide the address; it is nobody's default any more."""
    address.is_deleted = True
    address.save(update_fields=["is_deleted", "update_time"])
    User.objects.filter(default_address=address).update(default_address=None)


def edit_address(address: Address, **fields: Any) -> Address:
    """Change these fields and no other column: an address deleted meanwhile stays deleted."""
    for name, value in fields.items():
        setattr(address, name, value)
    address.save(update_fields=[*fields, "update_time"])
    return address


@transaction.atomic
def set_default_address(address: Address) -> None:
    """Make the address its owner's default; raises Missing if it was deleted meanwhile.

    The address is locked: deleting it comes before, or clears the default afterwards.
    """
    if not Address.objects.live().select_for_update().filter(pk=address.pk):
        raise Missing
    User.objects.filter(pk=address.user_id).update(default_address=address)
