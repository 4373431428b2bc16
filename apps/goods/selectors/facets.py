"""How many SKUs each choice would leave."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from apps.goods.models import Brand, SKUSpecification
from apps.goods.selectors.listing import Filter, category_ids, in_categories


def facets(category_id: int, chosen: Filter) -> dict[str, Any] | None:
    """The brands, prices and specifications in a category, with counts; None if there is no such category.

    What was chosen of a brand, price or specification does not narrow its own counts: they tell what another choice
    would give. Five queries, and one for each specification that something was chosen of.
    """
    ids = category_ids(category_id)
    if not ids:
        return None
    skus = in_categories(ids)
    any_price = replace(chosen, min_price=None, max_price=None).narrow(skus)
    found = any_price.aggregate(
        count=Count("pk", filter=chosen.price), min=Min("price"), max=Max("price")
    )
    any_brand = replace(chosen, brand_ids=()).narrow(skus)
    return {
        "count": found["count"],
        "brands": _by_brand(any_brand),
        "price": {"min": found["min"], "max": found["max"]} if found["min"] else None,
        "specs": _by_specification(skus, chosen),
    }


def _by_brand(skus: Any) -> list[dict[str, Any]]:
    """The most frequent first. Grouped by id alone: given the names, MariaDB would start from the few brands."""
    rows = skus.order_by().values_list("goods__brand_id").annotate(count=Count("pk"))
    counts = dict(rows)
    names = dict(Brand.objects.filter(pk__in=counts).values_list("pk", "name"))
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [
        {"id": pk, "name": names[pk], "count": count}
        for pk, count in ordered
        if pk in names  # not deleted between the two queries
    ]


def _by_specification(skus: Any, chosen: Filter) -> list[dict[str, Any]]:
    """Specifications by name, the most frequent first; their values likewise."""
    values: dict[str, dict[str, int]] = defaultdict(dict)
    of_others = _counts(chosen.narrow(skus)).exclude(spec__name__in=chosen.specs)
    for name, value, count in of_others:
        values[name][value] = count
    for name in chosen.specs:
        others = {other: each for other, each in chosen.specs.items() if other != name}
        own = _counts(replace(chosen, specs=others).narrow(skus)).filter(spec__name=name)
        values[name] = {value: count for _, value, count in own}
    return [
        {
            "name": name,
            "values": [
                {"value": value, "count": count}
                for value, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
            ],
        }
        for name, counts in sorted(
            values.items(), key=lambda each: (-sum(each[1].values()), each[0])
        )
        if counts
    ]


def _counts(skus: Any) -> QuerySet:
    """Rows of a specification's name, a value, and how many of these SKUs have it."""
    rows = SKUSpecification.objects.filter(sku__in=skus.order_by().values("pk")).order_by()
    return rows.values_list("spec__name", "option__value").annotate(count=Count("pk"))
