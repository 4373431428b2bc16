"""SKUs as the index shows them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apps.goods.models import SKU, Brand, Category, SKUSpecification
from apps.search.gateways import engine
from apps.search.gateways.base import Asked, Document

BATCH = 1000


def documents(sku_ids: Iterable[int]) -> list[Document]:
    """Those of these SKUs that are on sale, as they are now, in two queries."""
    ids = list(sku_ids)
    specs: dict[int, list[tuple[str, str]]] = defaultdict(list)
    chosen = SKUSpecification.objects.filter(sku__in=ids).order_by("sku_id", "spec_id")
    for sku_id, name, value in chosen.values_list("sku_id", "spec__name", "option__value"):
        specs[sku_id].append((name, value))
    rows = SKU.objects.launched().filter(pk__in=ids).order_by()
    columns = rows.values_list(
        "id", "name", "caption", "goods__name", "goods__brand_id", "goods__brand__name",
        "category__parent__parent_id", "category__parent_id", "category_id",
        "category__parent__parent__name", "category__parent__name", "category__name",
        "price", "sales", "create_time", "stock",
    )  # fmt: skip
    return [
        Document(
            id=row[0],
            name=row[1],
            caption=row[2],
            goods=row[3],
            brand_id=row[4],
            brand=row[5],
            category_ids=tuple(level for level in row[6:9] if level is not None),
            categories=tuple(name for name in row[9:12] if name is not None),
            specs=tuple(specs[row[0]]),
            price=row[12],
            sales=row[13],
            create_time=row[14],
            in_stock=row[15] > 0,
        )
        for row in columns
    ]


def all_documents() -> Iterator[Document]:
    """Every SKU on sale, in batches by id: what is in memory does not grow with the shop."""
    launched, last = SKU.objects.launched().order_by("pk"), 0
    while ids := list(launched.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        yield from documents(ids)
        last = ids[-1]


def on_sale(sku_ids: Iterable[int], *, in_stock: bool) -> list[SKU]:
    """The SKUs in this order, as the database has them.

    What was withdrawn a moment ago is left out, and what has sold out if only what is in stock was asked for.
    """
    ids = list(sku_ids)
    skus = SKU.objects.launched().in_bulk(ids)
    found = [skus[each] for each in ids if each in skus]
    return [sku for sku in found if sku.stock > 0] if in_stock else found


def facets(asked: Asked) -> dict[str, Any]:
    """What the results can be narrowed by, in the shape of a category's facets; two queries, for the names."""
    found = engine().facets(asked)
    return {
        "count": found.count,
        "brands": _named(Brand, found.brands),
        "categories": _named(Category, found.categories),
        "price": dict(zip(("min", "max"), found.prices, strict=True)) if found.prices else None,
        "specs": [
            {
                "name": name,
                "values": [{"value": value, "count": count} for value, count in _by_count(values)],
            }
            for name, values in sorted(
                found.specs.items(), key=lambda each: (-sum(each[1].values()), each[0])
            )
        ],
    }


def _named(model: type[Brand] | type[Category], counts: Mapping[int, int]) -> list[dict[str, Any]]:
    """The most frequent first; what was deleted a moment ago is left out."""
    names = dict(model._default_manager.filter(pk__in=counts).values_list("pk", "name"))
    return [
        {"id": pk, "name": names[pk], "count": count}
        for pk, count in _by_count(counts)
        if pk in names
    ]


def _by_count(counts: Mapping[Any, int]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))
