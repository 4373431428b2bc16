from django.db.models import QuerySet

from apps.goods.models import SKU
from apps.users.models import User


def favourite_skus(user: User) -> QuerySet[SKU]:
    """The user's favourites, newest first, withdrawn ones among them."""
    mine = SKU.objects.filter(favourites__user=user)
    columns = ("name", "price", "default_image", "comments", "is_launched")
    return mine.order_by("-favourites__create_time", "-favourites__id").only(*columns)
