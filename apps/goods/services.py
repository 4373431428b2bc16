from typing import TYPE_CHECKING

from django.db import transaction

from apps.goods.exceptions import StockWouldBeNegative
from apps.goods.models import SKU, Goods, StockMovement

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
