"""SKUs as they are sold at this moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from apps.goods.models import SKU


@dataclass(frozen=True)
class SKUSnapshot:
    """A SKU as it is sold at this moment. ``image`` is a storage name, ``specification`` "颜色: 黑色, 版本: 8GB"."""

    id: int
    name: str
    image: str
    price: Decimal
    stock: int
    is_launched: bool
    specification: str


def sku_snapshots(sku_ids: Iterable[int]) -> dict[int, SKUSnapshot]:
    """The SKUs by id, specifications included, in one query; an id that is no SKU reads as withdrawn."""
    asked = list(sku_ids)
    columns = ("id", "name", "default_image", "price", "stock", "is_launched")
    rows = SKU.objects.filter(pk__in=asked).order_by("id", "specs__spec_id")
    snapshots: dict[int, SKUSnapshot] = {}
    # One row for each specification of a SKU, and one with nulls for a SKU that has none.
    for sku_id, name, image, price, stock, is_launched, spec, option in rows.values_list(
        *columns, "specs__spec__name", "specs__option__value"
    ):
        chosen = f"{spec}: {option}" if spec else ""
        before = snapshots.get(sku_id)
        text = f"{before.specification}, {chosen}" if before else chosen
        snapshots[sku_id] = SKUSnapshot(sku_id, name, image, price, stock, is_launched, text)
    return {each: snapshots.get(each) or _gone(each) for each in asked}


def _gone(sku_id: int) -> SKUSnapshot:
    return SKUSnapshot(sku_id, f"SKU {sku_id}", "", Decimal("0.00"), 0, False, "")
