"""What the catalogue shows, read from several tables at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import Q

from apps.goods.models import SKU, Category, Channel, Goods, SKUSpecification

TREE_CACHE_KEY = "category-tree"
TREE_CACHE_SECONDS = 5 * 60


def category_tree() -> list[dict[str, Any]]:
    """Every category as ``{id, name, subs}``, three levels deep, in one query; cached for five minutes.

    An empty menu is not: a shop must not look empty for minutes after it was filled.
    """
    tree: list[dict[str, Any]] | None = cache.get(TREE_CACHE_KEY)
    if tree is None:
        tree = _read_category_tree()
        if tree:
            cache.set(TREE_CACHE_KEY, tree, TREE_CACHE_SECONDS)
    return tree


def _read_category_tree() -> list[dict[str, Any]]:
    nodes: dict[int, dict[str, Any]] = {}
    children: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for category_id, name, parent_id in Category.objects.values_list("id", "name", "parent_id"):
        nodes[category_id] = {"id": category_id, "name": name, "subs": children[category_id]}
        children[parent_id].append(nodes[category_id])
    return children[None]


def breadcrumbs(category: Category) -> dict[str, Any]:
    """The contract's ``cat1``, ``cat2``, ``cat3``; "" for a level the category does not reach.

    Select ``parent__parent`` beforehand: then this costs one query.
    """
    levels = category.path
    top = {"id": levels[0].pk, "name": levels[0].name}
    channel = Channel.objects.filter(category=levels[0]).first()
    crumbs: dict[str, Any] = {"cat1": {"url": channel.url if channel else "", "category": top}}
    for number in (2, 3):
        level = levels[number - 1] if len(levels) >= number else None
        crumbs[f"cat{number}"] = {"id": level.pk, "name": level.name} if level else ""
    return crumbs


def category_ids(category_id: int) -> list[int]:
    """This category and those below it, in one query; empty if there is no such category."""
    here = Q(id=category_id) | Q(parent__id=category_id) | Q(parent__parent__id=category_id)
    return list(Category.objects.filter(here).order_by().values_list("id", flat=True))


@dataclass(frozen=True)
class Variants:
    """A goods' specifications, which of its SKUs has which options, and which SKUs are on sale."""

    specs: list[dict[str, Any]]
    options_of_sku: dict[int, dict[int, int]]
    launched: frozenset[int]

    def matrix(self, sku_id: int) -> list[dict[str, Any]]:
        """For every option: the SKU that a buyer looking at ``sku_id`` gets by choosing it, or None.

        That is the SKU on sale which differs from this one in the one specification only.
        """
        mine = self.options_of_sku.get(sku_id, {})
        sku_of_options = {
            frozenset(options.items()): sku
            for sku, options in self.options_of_sku.items()
            if sku in self.launched
        }
        return [
            {
                **spec,
                "options": [
                    {
                        **option,
                        "sku_id": sku_of_options.get(
                            frozenset({**mine, spec["id"]: option["id"]}.items())
                        ),
                        "selected": mine.get(spec["id"]) == option["id"],
                    }
                    for option in spec["options"]
                ],
            }
            for spec in self.specs
        ]


def variants(goods: Goods) -> Variants:
    """The variants of a goods in three queries."""
    specs = [
        {
            "id": spec.pk,
            "name": spec.name,
            "options": [{"id": option.pk, "value": option.value} for option in spec.options.all()],
        }
        for spec in goods.specs.prefetch_related("options")
    ]
    options_of_sku: dict[int, dict[int, int]] = defaultdict(dict)
    launched = set()
    chosen = SKUSpecification.objects.filter(sku__goods=goods).values_list(
        "sku_id", "spec_id", "option_id", "sku__is_launched"
    )
    for sku_id, spec_id, option_id, is_launched in chosen:
        options_of_sku[sku_id][spec_id] = option_id
        if is_launched:
            launched.add(sku_id)
    return Variants(specs, dict(options_of_sku), frozenset(launched))


def sku_of_options(goods_id: int, option_ids: set[int], *, but: int | None) -> int | None:
    """The id of another SKU of this goods that has just these options; None without one, or without options."""
    options_of_sku: dict[int, set[int]] = defaultdict(set)
    chosen = SKUSpecification.objects.filter(sku__goods=goods_id).exclude(sku=but)
    for sku_id, option_id in chosen.values_list("sku_id", "option_id"):
        options_of_sku[sku_id].add(option_id)
    same = (sku_id for sku_id, options in options_of_sku.items() if options == option_ids)
    return next(same, None)


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


def sku_detail(sku_id: int) -> SKU | None:
    """A SKU with everything its page shows, launched or not; withdrawn ones say so."""
    related = SKU.objects.select_related("goods__brand", "category__parent__parent")
    return related.prefetch_related("images").filter(pk=sku_id).first()
