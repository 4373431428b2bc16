"""The categories as the storefront's menus and breadcrumbs show them."""

from collections import defaultdict
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef, Q

from apps.goods.models import Brand, Category, Goods

Row = tuple[int, str, int | None]
"""A category's id, name and parent."""


def category_tree() -> list[dict[str, Any]]:
    """Every category as ``{id, name, subs}``, three levels deep, in one query."""
    return _branches(Category.objects.values_list("id", "name", "parent_id"), "subs")[None]


def menu() -> list[dict[str, Any]]:
    """The home page's menu in one query: groups of channels, and below each the categories of its channels.

    A channel's ``id`` is that of its category, which is where its page starts from.
    """
    place = ("channel__group_id", "channel__sequence", "channel__id")
    rows = list(Category.objects.values_list("id", "name", "parent_id", *place, "channel__url"))
    branches = _branches((row[:3] for row in rows), "sub_cats")
    groups: dict[int, dict[str, Any]] = {}
    for top_id, name, _parent_id, group_id, *_, url in sorted(
        (row for row in rows if row[3] is not None), key=itemgetter(3, 4, 5)
    ):
        empty = {"group_id": group_id, "channels": [], "sub_cats": []}
        group = groups.setdefault(group_id, empty)
        group["channels"].append({"id": top_id, "name": name, "url": url})
        group["sub_cats"] += branches[top_id]
    return list(groups.values())


def _branches(rows: Iterable[Row], below: str) -> dict[int | None, list[dict[str, Any]]]:
    """The categories right below each, with theirs under the key ``below``; those of the first level below None."""
    branches: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for category_id, name, parent_id in rows:
        category = {"id": category_id, "name": name, below: branches[category_id]}
        branches[parent_id].append(category)
    return branches


def with_channel(to_category: str = "") -> list[str]:
    """What to select so that the path of the category at the end of ``to_category`` and its channel cost no query."""
    return [f"{to_category}{path}channel" for path in ("", "parent__", "parent__parent__")]


def category_with_channel(category_id: int) -> Category | None:
    return Category.objects.select_related(*with_channel()).filter(pk=category_id).first()


def breadcrumbs(category: Category) -> dict[str, Any]:
    """The contract's ``cat1``, ``cat2``, ``cat3``; "" for a level the category does not reach.

    Without a query for a category that was selected ``with_channel``.
    """
    levels = category.path
    top = {"id": levels[0].pk, "name": levels[0].name}
    channel = getattr(levels[0], "channel", None)
    crumbs: dict[str, Any] = {"cat1": {"url": channel.url if channel else "", "category": top}}
    for number in (2, 3):
        level = levels[number - 1] if len(levels) >= number else None
        crumbs[f"cat{number}"] = {"id": level.pk, "name": level.name} if level else ""
    return crumbs


def at_or_below(category_id: int, path: str = "") -> Q:
    """Categories that are this one or stand below it; with a path, rows that lead to such a category."""
    return (
        Q(**{f"{path}id": category_id})
        | Q(**{f"{path}parent__id": category_id})
        | Q(**{f"{path}parent__parent__id": category_id})
    )


def brands(category_id: int | None = None) -> list[Brand]:
    """All brands; of a category, those that something on sale there is of."""
    if category_id is None:
        return list(Brand.objects.all())
    goods = Goods.objects.filter(at_or_below(category_id, "category__"), brand=OuterRef("pk"))
    return list(Brand.objects.filter(Exists(goods.filter(skus__is_launched=True))))
