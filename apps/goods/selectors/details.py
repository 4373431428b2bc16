"""A SKU's page and a goods' page, each in two queries: the row with what it belongs to, and all its parts.

The parts stand in several tables; they are read as one UNION of rows of the same shape.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import BooleanField, DecimalField, QuerySet, Value

from apps.goods.models import SKU, Goods, GoodsSpecification, SKUImage
from apps.goods.selectors.categories import with_channel
from apps.goods.selectors.variants import Choice, Variants

NO_FLAG = Value(None, BooleanField())
NO_PRICE = Value(None, DecimalField(max_digits=10, decimal_places=2))
NO_TEXT = Value("")


@dataclass(frozen=True)
class Parts:
    """``skus`` are those on sale, for a goods' page only."""

    images: list[SKUImage]
    variants: Variants
    skus: list[SKU]


def sku_detail(sku_id: int) -> tuple[SKU, Parts] | None:
    """A SKU, launched or not, with everything its page shows."""
    related = ["goods__brand", *with_channel("category__")]
    sku = SKU.objects.select_related(*related).filter(pk=sku_id).first()
    if sku is None:
        return None
    images = SKUImage.objects.filter(sku=sku)
    return sku, _parts(_choices(sku.goods_id).union(_images(images), all=True))


def goods_detail(goods_id: int) -> tuple[Goods, Parts] | None:
    """A goods with everything its page shows: its SKUs on sale, and the pictures of these."""
    related = ["brand", *with_channel("category__")]
    goods = Goods.objects.select_related(*related).filter(pk=goods_id).first()
    if goods is None:
        return None
    images = SKUImage.objects.filter(sku__goods=goods, sku__is_launched=True)
    skus = SKU.objects.launched().filter(goods=goods)
    rows = _skus(skus).union(_choices(goods.pk), _images(images), all=True)
    return goods, _parts(rows)


class _Row(NamedTuple):
    """One row of the UNION: what its columns hold depends on its kind."""

    kind: str
    pk: int
    text: str
    of: Any
    more: Any
    number: Any
    flag: bool | None
    price: Any


def _choices(goods_id: int) -> QuerySet:
    """A row for each ``Choice``."""
    specs = GoodsSpecification.objects.filter(goods=goods_id).order_by()
    chosen = "options__skuspecification__sku"
    return specs.values_list(
        Value("choice"), "pk", "name", "options__pk", "options__value", f"{chosen}_id",
        f"{chosen}__is_launched", NO_PRICE,
    )  # fmt: skip


def _images(images: QuerySet) -> QuerySet:
    return images.order_by().values_list(
        Value("image"), "pk", "image", "sku_id", NO_TEXT, "sequence", NO_FLAG, NO_PRICE
    )


def _skus(skus: QuerySet) -> QuerySet:
    return skus.order_by().values_list(
        Value("sku"), "pk", "name", "stock", "default_image", "comments", "is_launched", "price"
    )


def _parts(union: QuerySet) -> Parts:
    rows = [_Row(*row) for row in union]
    images = _of_kind(rows, "image")
    return Parts(
        images=[
            SKUImage(pk=row.pk, image=row.text, sku_id=row.of)
            for row in sorted(images, key=lambda row: (row.number, row.pk))
        ],
        variants=Variants.of(
            Choice(row.pk, row.text, row.of, row.more, row.number, row.flag)
            for row in _of_kind(rows, "choice")
        ),
        skus=[
            SKU(
                pk=row.pk,
                name=row.text,
                stock=row.of,
                default_image=row.more,
                comments=row.number,
                price=row.price,
            )
            for row in sorted(_of_kind(rows, "sku"), key=lambda row: row.pk)
        ],
    )


def _of_kind(rows: Iterable[_Row], kind: str) -> list[_Row]:
    return [row for row in rows if row.kind == kind]
