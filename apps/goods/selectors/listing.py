"""The SKUs of a category as its page lists them: filtered, ordered, and counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F, Func, IntegerField, Q, QuerySet, Subquery

from apps.goods.models import SKU, Category, SKUQuerySet, SKUSpecification, SpecificationOption
from apps.goods.selectors.categories import at_or_below


@dataclass(frozen=True)
class Filter:
    """What a buyer narrows a list by. Prices are CNY yuan, ends included.

    Brands are alternatives, and so are the values of one specification; everything else must hold together.
    """

    brand_ids: tuple[int, ...] = ()
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    specs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    in_stock: bool = False

    def narrow(self, skus: SKUQuerySet) -> SKUQuerySet:
        if self.brand_ids:
            skus = skus.filter(goods__brand__in=self.brand_ids)
        if self.in_stock:
            skus = skus.filter(stock__gt=0)
        for name, values in self.specs.items():
            skus = skus.filter(pk__in=_with_option(name, values))
        return skus.filter(self.price)

    @property
    def price(self) -> Q:
        condition = Q()
        if self.min_price is not None:
            condition &= Q(price__gte=self.min_price)
        if self.max_price is not None:
            condition &= Q(price__lte=self.max_price)
        return condition


@dataclass(frozen=True)
class Shelf:
    """The SKUs on sale in a category and below, as a sequence: its length is known, a slice of it is one query."""

    count: int
    skus: SKUQuerySet

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, part: slice) -> SKUQuerySet:
        return self.skus[part]


def shelf(category_id: int, chosen: Filter, *ordering: str) -> Shelf | None:
    """What stands in a category and matches the filter, in one query; None if there is no such category."""
    here = Category.objects.filter(at_or_below(category_id)).order_by()
    on_sale = SKU.objects.launched().order_by()
    count = chosen.narrow(on_sale.filter(category__in=here.values("pk"))).annotate(
        # Count() would group by the SKU.
        count=Func(F("pk"), function="COUNT", output_field=IntegerField())
    )
    found = list(here.values_list("pk", Subquery(count.values("count"))))
    if not found:
        return None
    skus = chosen.narrow(in_categories([pk for pk, _ in found]))
    return Shelf(found[0][1], skus.order_by(*ordering))


def hot_skus(category_id: int, count: int) -> list[SKU] | None:
    """The best sellers of a category and those below; None if there is no such category. Two queries."""
    ids = category_ids(category_id)
    return list(in_categories(ids).order_by("-sales", "-id")[:count]) if ids else None


def category_ids(category_id: int) -> list[int]:
    """This category and those below it, in one query; empty if there is no such category."""
    here = Category.objects.filter(at_or_below(category_id))
    return list(here.order_by().values_list("id", flat=True))


def in_categories(ids: list[int]) -> SKUQuerySet:
    """What is on sale in these categories."""
    return SKU.objects.launched().filter(category__in=ids)


def _with_option(name: str, values: tuple[str, ...]) -> QuerySet:
    """SKUs with one of these values of a specification, whichever goods' it is.

    The options first: there is an index by value, and there are far fewer of them than SKUs to look at.
    """
    options = SpecificationOption.objects.filter(value__in=values, spec__name=name)
    return SKUSpecification.objects.filter(option__in=options).order_by().values("sku")
