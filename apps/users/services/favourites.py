from django.db import transaction

from apps.carts.exceptions import Withdrawn
from apps.goods.models import SKU
from apps.users.exceptions import TooManyFavourites
from apps.users.models import Favourite, User


@transaction.atomic
def add_favourite(user: User, sku: SKU) -> bool:
    """Whether the SKU was not among the user's favourites before; it is now.

    Raises Withdrawn for one that is not on sale, TooManyFavourites at the limit. The user's row is locked: two requests
    at once cannot both take the last place, nor add the same SKU.
    """
    User.objects.select_for_update().only("pk").get(pk=user.pk)
    if user.favourites.filter(sku=sku).exists():
        return False
    if not sku.is_launched:
        raise Withdrawn(sku_id=sku.pk)
    if user.favourites.count() >= Favourite.LIMIT:
        raise TooManyFavourites(limit=Favourite.LIMIT)
    Favourite.objects.create(user=user, sku=sku)
    return True


def remove_favourite(user: User, sku: SKU) -> None:
    """Make sure the SKU is not among the user's favourites."""
    user.favourites.filter(sku=sku).delete()
