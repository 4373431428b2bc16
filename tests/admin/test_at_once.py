"""Whatever an operator changes in the back office shows on the shop's cached pages at once."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse
from rest_framework.test import APIClient

from apps.core.store import Pages
from apps.goods.models import (
    SKU,
    Brand,
    Category,
    Channel,
    Goods,
    GoodsSpecification,
    SKUChange,
    SKUImage,
    SpecificationOption,
    StockMovement,
)
from apps.users.models import User
from tests.admin.forms import change_page, save
from tests.factories import (
    BrandFactory,
    CategoryFactory,
    GoodsFactory,
    SKUFactory,
    SKUSpecificationFactory,
    SpecificationOptionFactory,
)

pytestmark = pytest.mark.django_db

World = SimpleNamespace
Change = Callable[[Client, World], Any]


@pytest.fixture
def world(db: None) -> World:
    """A black phone on sale, and one of everything that nothing depends on."""
    black = SpecificationOptionFactory()
    sku = SKUFactory(goods=black.spec.goods)
    SKUSpecificationFactory(sku=sku, option=black)
    top = sku.category.parent.parent
    return World(
        sku=sku,
        goods=sku.goods,
        brand=sku.goods.brand,
        leaf=sku.category,
        black=black,
        colour=black.spec,
        channel=Channel.objects.create(group_id=1, category=top, url="/old.html"),
        image=SKUImage.objects.create(sku=sku, image="skus/old.png"),
        withdrawn=SKUFactory(goods=sku.goods, is_launched=False),
        spare_brand=BrandFactory(),
        spare_category=CategoryFactory(),
        spare_goods=GoodsFactory(category=sku.category),
        spare_option=SpecificationOptionFactory(spec=black.spec, value="白色"),
        spare_spec=SpecificationOptionFactory(spec__goods=sku.goods, spec__name="版本").spec,
    )


def shown(world: World) -> dict[str, bytes]:
    """What a visitor sees of the whole shop."""
    leaf = f"/categories/{world.leaf.pk}/"
    paths = [
        "/categories/", "/channels/", "/brands/", leaf, f"{leaf}skus/", f"{leaf}hotskus/",
        f"{leaf}facets/", f"/skus/{world.sku.pk}/", f"/goods/{world.goods.pk}/",
        f"/goods/{world.spare_goods.pk}/",
    ]  # fmt: skip
    return {path: APIClient().get(f"/api/v1{path}").content for path in paths}


def page(model: str, way: str) -> str:
    return reverse(f"admin:goods_{model}_{way}")


def edit(of: str, **fields: Any) -> Change:
    """Open the form of this row and save other values; ``@name`` stands for the key of a row of the world."""
    return lambda desk, world: save(desk, change_page(getattr(world, of)), **_keys(fields, world))


def add(model: str, **fields: Any) -> Change:
    return lambda desk, world: save(desk, page(model, "add"), **_keys(fields, world))


def _keys(fields: dict[str, Any], world: World) -> dict[str, Any]:
    named = {name: value[1:] for name, value in fields.items() if str(value).startswith("@")}
    return {**fields, **{name: getattr(world, each).pk for name, each in named.items()}}


def delete(of: str) -> Change:
    def change(desk: Client, world: World) -> Any:
        row = getattr(world, of)
        return desk.post(change_page(row).replace("change", "delete"), {"post": "yes"})

    return change


def act(action: str, of: str) -> Change:
    def change(desk: Client, world: World) -> Any:
        row = getattr(world, of)
        chosen = {"action": action, "_selected_action": row.pk, "post": "yes"}
        return desk.post(page(row._meta.model_name, "changelist"), chosen)

    return change


NEW_SKU = {
    "name": "新", "goods": "@goods", "price": 1, "market_price": 1, "cost_price": 1, "stock": 1,
    "is_launched": "on",
}  # fmt: skip

# Which page, which way of changing something there, and whether the search index must learn of the phone.
CHANGES: list[tuple[type, str, Change, bool]] = [
    (Category, "add", add("category", name="新"), False),
    (Category, "change", edit("leaf", name="新"), True),
    (Category, "delete", delete("spare_category"), False),
    (Category, "delete_selected", act("delete_selected", "spare_category"), False),
    (Channel, "add", add("channel", category="@spare_category", group_id=2), False),
    (Channel, "change", edit("channel", url="/new.html"), False),
    (Channel, "delete", delete("channel"), False),
    (Channel, "delete_selected", act("delete_selected", "channel"), False),
    (Brand, "add", add("brand", name="新", first_letter="X"), False),
    (Brand, "change", edit("brand", name="新"), True),
    (Brand, "delete", delete("spare_brand"), False),
    (Brand, "delete_selected", act("delete_selected", "spare_brand"), False),
    (Goods, "change", edit("goods", name="新"), True),
    (Goods, "change", edit("goods", brand="@spare_brand"), True),
    (Goods, "inline GoodsSpecification", edit("goods", **{"specs-0-name": "新"}), True),
    (Goods, "delete", delete("spare_goods"), False),
    (Goods, "delete_selected", act("delete_selected", "spare_goods"), False),
    (GoodsSpecification, "add", add("goodsspecification", name="新", goods="@goods"), True),
    (GoodsSpecification, "change", edit("colour", name="新"), True),
    (
        GoodsSpecification,
        "inline SpecificationOption",
        edit("colour", **{"options-0-value": "新"}),
        True,
    ),
    (GoodsSpecification, "delete", delete("spare_spec"), True),
    (GoodsSpecification, "delete_selected", act("delete_selected", "spare_spec"), True),
    (SpecificationOption, "add", add("specificationoption", value="新", spec="@colour"), True),
    (SpecificationOption, "change", edit("black", value="新"), True),
    (SpecificationOption, "delete", delete("spare_option"), True),
    (SpecificationOption, "delete_selected", act("delete_selected", "spare_option"), True),
    (SKU, "add", add("sku", **NEW_SKU), False),
    (SKU, "change", edit("sku", price="55.00"), True),
    (SKU, "inline SKUSpecification", edit("sku", **{"specs-0-option": "@spare_option"}), True),
    (SKU, "inline SKUImage", edit("sku", **{"images-0-sequence": 7, "images-0-DELETE": 1}), True),
    (SKU, "launch", act("launch", "withdrawn"), False),
    (SKU, "withdraw", act("withdraw", "sku"), True),
    (StockMovement, "add", add("stockmovement", sku="@sku", change=5, reason="receipt"), False),
]
SHOWN_NOWHERE = {
    (Goods, "add"),  # its page has not been there before, and a 404 is not kept
}


@pytest.mark.parametrize(
    ("model", "way", "change", "noted"),
    CHANGES,
    ids=[f"{model.__name__}-{way}" for model, way, *_ in CHANGES],
)
def test_a_change_shows_at_once(
    model: type,
    way: str,
    change: Change,
    noted: bool,
    world: World,
    desk: Client,
    settings: Any,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    before = shown(world)
    with django_capture_on_commit_callbacks(execute=True):
        answer = change(desk, world)
    assert answer.status_code == 302
    after = shown(world)
    settings.PAGE_CACHE_SECONDS = 0
    real = shown(world)
    assert real != before
    assert after == real
    assert SKUChange.objects.filter(sku_id=world.sku.pk).exists() is noted


def test_without_being_renewed_the_pages_would_not_show_it(
    world: World,
    desk: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    monkeypatch.setattr(Pages, "renew", lambda pages: None)
    before = shown(world)
    with django_capture_on_commit_callbacks(execute=True):
        edit("sku", name="新")(desk, world)
    assert shown(world) == before


def test_no_way_of_changing_something_was_left_out(operator: User) -> None:
    request = RequestFactory().get("/")
    request.user = operator
    ways = set()
    for model, desk in admin.site._registry.items():
        if model._meta.app_label == "goods":
            actions = set(desk.get_actions(request)) - {"export_ticked"}
            kinds = [k for k in ("add", "change", "delete") if _may(desk, k, request)]
            inlines = [f"inline {inline.model.__name__}" for inline in desk.inlines]
            ways |= {(model, way) for way in (*kinds, *inlines, *actions)}
    assert ways - SHOWN_NOWHERE == {(model, way) for model, way, *_ in CHANGES}


def _may(desk: Any, kind: str, request: Any) -> bool:
    return bool(getattr(desk, f"has_{kind}_permission")(request))
