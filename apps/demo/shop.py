"""What stands on the demo shop's shelves: categories, brands, goods and their SKUs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape

from apps.demo import catalogue, images
from apps.demo.catalogue import Product, Variant
from apps.demo.rows import Rows, times
from apps.goods.models import (
    SKU,
    Brand,
    Category,
    Channel,
    Goods,
    GoodsSpecification,
    SKUImage,
    SKUSpecification,
    SpecificationOption,
)


@dataclass(frozen=True)
class Shelves:
    """Keys of the leaf categories and of the brands, by the names in the catalogue."""

    category: Mapping[str, int]
    brand: Mapping[str, int]


@dataclass(frozen=True)
class Offer:
    """A SKU and its goods, not written yet, and its options as an order line tells them."""

    sku: SKU
    goods: Goods
    specification: str


def is_loaded() -> bool:
    """Whether the catalogue was loaded before, whatever was edited or deleted in it since."""
    labels = [brand.label for brand in catalogue.brands().values()]
    return Brand.objects.filter(name__in=labels).exists()


def build_shelves(rows: Rows, at: datetime) -> Shelves:
    """Add the three levels of categories, the channels and the brands."""
    leaf_ids: dict[str, int] = {}
    for place, department in enumerate(catalogue.departments(), start=1):
        top = rows.add(Category(name=department.name, sequence=place, **times(at)))
        rows.add(
            Channel(
                group_id=department.group,
                category_id=top.pk,
                url=f"/list.html?cat={top.pk}",
                sequence=place,
                **times(at),
            )
        )
        for second, (name, leaves) in enumerate(department.tree.items(), start=1):
            middle = Category(name=name, parent_id=top.pk, sequence=second, **times(at))
            middle_id = rows.add(middle).pk
            for third, leaf_name in enumerate(leaves, start=1):
                leaf = Category(name=leaf_name, parent_id=middle_id, sequence=third, **times(at))
                leaf_ids[leaf_name] = rows.add(leaf).pk
    brand_ids = {name: _add_brand(rows, brand, at) for name, brand in catalogue.brands().items()}
    return Shelves(leaf_ids, brand_ids)


def existing_shelves() -> Shelves:
    """The same, from a shop that is loaded; without what was renamed or deleted since."""
    names = [product.category for product in catalogue.products()]
    leaves = Category.objects.filter(name__in=names, subs=None)
    labels = {brand.label: name for name, brand in catalogue.brands().items()}
    brands = Brand.objects.filter(name__in=labels)
    return Shelves(
        category={category.name: category.pk for category in leaves},
        brand={labels[brand.name]: brand.pk for brand in brands},
    )


def add_product(
    rows: Rows,
    product: Product,
    shelves: Shelves,
    at: datetime,
    *,
    stock: Callable[[], int],
    pictures: int,
) -> list[Offer]:
    """Add a goods with everything that belongs to it; at most so many ``pictures`` a SKU."""
    goods = rows.add(
        Goods(
            name=product.name,
            brand_id=shelves.brand[product.brand.name],
            category_id=shelves.category[product.category],
            desc_detail=_detail(product),
            desc_pack=f"<p>{escape(product.pack)}</p>",
            desc_service=f"<p>{escape(product.service)}</p>",
            **times(at),
        )
    )
    option_ids: dict[tuple[str, str], tuple[int, int]] = {}
    for name, options in product.options.items():
        spec = rows.add(GoodsSpecification(goods_id=goods.pk, name=name, **times(at)))
        for option in options:
            row = SpecificationOption(spec_id=spec.pk, value=option.value, **times(at))
            option_ids[name, option.value] = (spec.pk, rows.add(row).pk)
    offers = []
    for variant in product.variants:
        units = product.scarce.get(variant.code)
        offer = _add_sku(
            rows, product, variant, goods, at, units=stock() if units is None else units
        )
        chosen = zip(product.options, variant.options, strict=True)
        for spec_id, option_id in (option_ids[name, option.value] for name, option in chosen):
            ids = {"sku_id": offer.sku.pk, "spec_id": spec_id, "option_id": option_id}
            rows.add(SKUSpecification(**ids, **times(at)))
        for place, image in enumerate(_gallery(product, variant)[:pictures]):
            rows.add(SKUImage(sku_id=offer.sku.pk, image=image, sequence=place, **times(at)))
        offers.append(offer)
    return offers


def _add_brand(rows: Rows, brand: catalogue.Brand, at: datetime) -> int:
    return rows.add(
        Brand(
            name=brand.label,
            first_letter=brand.latin[0],
            logo=images.logo(brand),
            **times(at),
        )
    ).pk


def _add_sku(
    rows: Rows, product: Product, variant: Variant, goods: Goods, at: datetime, *, units: int
) -> Offer:
    price = product.price_of(variant)
    values = [option.value for option in variant.options]
    sku = SKU(
        name=" ".join((product.name, *values)),
        caption=product.caption,
        goods_id=goods.pk,
        category_id=goods.category_id,
        price=price,
        cost_price=(price * (1 - product.margin)).quantize(Decimal("0.01")),
        market_price=(price * product.markup).quantize(Decimal(1)) + Decimal("0.00"),
        opening_stock=units,
        stock=units,
        is_launched=variant.code not in product.withdrawn,
        default_image=_gallery(product, variant)[0],
        **times(at),
    )
    chosen = zip(product.options, values, strict=True)
    told = ", ".join(f"{name}: {value}" for name, value in chosen)
    return Offer(rows.add(sku), goods, told)


def _gallery(product: Product, variant: Variant) -> list[str]:
    return images.gallery(product, next(option.tint for option in variant.options if option.tint))


def _detail(product: Product) -> str:
    points = "".join(f"<li>{escape(point)}</li>" for point in product.points)
    table = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape('、'.join(o.value for o in options))}</td></tr>"
        for name, options in product.options.items()
    )
    return (
        f"<h3>{escape(product.name)}</h3><p>{escape(product.caption)}</p>"
        f"<ul>{points}</ul><table>{table}</table>"
    )
