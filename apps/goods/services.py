from functools import partial
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.goods.exceptions import StockWouldBeNegative
from apps.goods.models import SKU, Goods, StockMovement
from apps.goods.selectors import TREE_CACHE_KEY

if TYPE_CHECKING:
    from apps.users.models import User


@transaction.atomic
def move_stock(
    sku_id: int, change: int, *, reason: str, author: "User", note: str = ""
) -> StockMovement:
    """Change a SKU's stock by ``change`` units for a reason that is not a sale, and write that down.

    Raises StockWouldBeNegative; sales that happen at the same time are never overwritten.
    """
    if not SKU.objects.change_stock(sku_id, change):
        raise StockWouldBeNegative(sku_id=sku_id)
    return StockMovement.objects.create(
        sku_id=sku_id, change=change, reason=reason, author=author, note=note
    )


def forget_category_tree() -> None:
    """Call after a category has changed: the cached menu is read anew."""
    transaction.on_commit(partial(cache.delete, TREE_CACHE_KEY))


def put_on_sale(skus: QuerySet[SKU], *, launched: bool) -> None:
    """Launch or withdraw SKUs; carts and settlements say so from the next look on."""
    skus.update(is_launched=launched, update_time=timezone.now())


@transaction.atomic
def save_goods(goods: Goods) -> None:
    """Save a goods; its SKUs stand in the same category."""
    goods.save()
    SKU.objects.filter(goods=goods).update(category=goods.category)


def open_sku(sku: SKU) -> None:
    """Save a new SKU; the stock it has now is its opening stock, and it stands where its goods stands."""
    sku.category = sku.goods.category
    sku.opening_stock = sku.stock
    sku.save(force_insert=True)


def describe_sku(sku: SKU, changed: list[str]) -> None:
    """Save the named columns of a SKU, and only these: stock and sales go on changing meanwhile."""
    sku.category = sku.goods.category
    sku.save(update_fields={*changed, "category", "update_time"} - {"stock", "sales"})
