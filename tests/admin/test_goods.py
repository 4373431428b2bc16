"""What an operator does with the goods: describe, price, launch, withdraw; stock moves by movements only."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from apps.goods.models import (
    SKU,
    Category,
    GoodsSpecification,
    SKUImage,
    SKUSpecification,
    StockMovement,
)
from apps.users.models import User
from tests.admin.forms import change_page, errors, filled, save, send
from tests.factories import (
    CategoryFactory,
    GoodsFactory,
    GoodsSpecificationFactory,
    LeafCategoryFactory,
    ReviewFactory,
    SKUFactory,
    SKUSpecificationFactory,
    SpecificationOptionFactory,
)
from tests.world import unchanged

pytestmark = pytest.mark.django_db


ADD_SKU = "/admin/goods/sku/add/"
ADD_MOVEMENT = "/admin/goods/stockmovement/add/"
WRITE_OFF = "/admin/goods/stockmovement/write-off/"


class TestNewSKU:
    def fields(self, **more: Any) -> dict[str, Any]:
        money = {"price": "50.00", "market_price": "60.00", "cost_price": "30.00"}
        goods = GoodsFactory()
        return {
            "name": "新品",
            "goods": goods.pk,
            **money,
            "stock": 12,
            "is_launched": "on",
            **more,
        }

    def test_its_stock_is_its_opening_stock(self, desk: Client) -> None:
        save(desk, ADD_SKU, **self.fields(opening_stock=99, sales=5))
        sku = SKU.objects.get()
        assert (sku.stock, sku.opening_stock, sku.sales) == (12, 12, 0)
        assert sku.category == sku.goods.category
        assert (sku.price, sku.is_launched) == (Decimal("50.00"), True)

    @pytest.mark.parametrize(
        "fault",
        [
            {"price": "0"},
            {"price": "-1"},
            {"price": "abc"},
            {"stock": -1},
            {"goods": ""},
            {"stock": 1_000_000_001},
        ],
    )
    def test_what_cannot_be(self, fault: dict, desk: Client) -> None:
        fields = self.fields(**fault)
        with unchanged():
            assert errors(desk, ADD_SKU, **fields)

    def test_its_specifications_are_chosen_once_it_has_goods(self, desk: Client) -> None:
        option = SpecificationOptionFactory()
        offered = desk.get(ADD_SKU).context["inline_admin_formsets"]
        assert [each.formset.model for each in offered] == [SKUImage]

        answer = save(desk, ADD_SKU, **self.fields(goods=option.spec.goods_id))
        sku = SKU.objects.get()
        assert answer["Location"] == change_page(sku)
        _saved, said = desk.get(change_page(sku)).context["messages"]
        assert (said.level_tag, str(said)) == ("warning", "请在下方选择该 SKU 的规格。")
        chosen = {"specs-0-spec": option.spec_id, "specs-0-option": option.pk}
        save(desk, change_page(sku), **{"specs-TOTAL_FORMS": 1, "specs-0-sku": sku.pk, **chosen})
        assert SKUSpecification.objects.get(sku=sku).option == option

    def test_of_goods_without_specifications_is_done(self, desk: Client) -> None:
        assert save(desk, ADD_SKU, **self.fields())["Location"] == "/admin/goods/sku/"

    def test_another_one_can_be_added_first(self, desk: Client) -> None:
        goods = SpecificationOptionFactory().spec.goods
        answer = save(desk, ADD_SKU, **self.fields(goods=goods.pk, _addanother="1"))
        assert answer["Location"] == ADD_SKU


class TestExistingSKU:
    def test_what_sales_and_movements_change_cannot_be_typed(self, desk: Client) -> None:
        sku = SKUFactory()
        form = desk.get(change_page(sku)).context["adminform"]
        assert {"stock", "sales", "opening_stock"} <= set(form.readonly_fields)
        save(desk, change_page(sku), name="新名字", stock=99, sales=99, opening_stock=99)
        sku.refresh_from_db()
        assert (sku.name, sku.stock, sku.sales, sku.opening_stock) == ("新名字", 10, 0, 10)

    def test_a_sale_while_the_form_is_open_is_kept(self, desk: Client) -> None:
        sku = SKUFactory()
        form = filled(desk.get(change_page(sku)))
        SKU.objects.update(stock=F("stock") - 3, sales=F("sales") + 3)
        desk.post(change_page(sku), {**form, "price": "55.00"})
        sku.refresh_from_db()
        assert (sku.price, sku.stock, sku.sales) == (Decimal("55.00"), 7, 3)

    def test_it_cannot_be_deleted(self, desk: Client) -> None:
        sku = SKUFactory()
        page = reverse("admin:goods_sku_delete", args=[sku.pk])
        chosen = {"action": "delete_selected", "_selected_action": [sku.pk], "post": "yes"}
        with unchanged():
            assert desk.post(page, {"post": "yes"}).status_code == 403
            desk.post("/admin/goods/sku/", chosen)

    @pytest.mark.parametrize(("action", "launched"), [("launch", True), ("withdraw", False)])
    def test_the_chosen_ones_are_launched_or_withdrawn(
        self, action: str, launched: bool, desk: Client
    ) -> None:
        chosen = [SKUFactory(is_launched=not launched) for _ in range(2)]
        other = SKUFactory(is_launched=not launched)
        keys = [sku.pk for sku in chosen]
        desk.post("/admin/goods/sku/", {"action": action, "_selected_action": keys})
        found = SKU.objects.filter(is_launched=launched)
        assert set(found.values_list("pk", flat=True)) == set(keys)
        other.refresh_from_db()
        assert other.is_launched is not launched


class TestSpecificationsOfASKU:
    @pytest.fixture
    def sku(self) -> SKU:
        option = SpecificationOptionFactory()
        sku = SKUFactory(goods=option.spec.goods)
        SKUSpecificationFactory(sku=sku, option=option)
        return sku

    def test_only_those_of_its_goods_are_offered(self, sku: SKU, desk: Client) -> None:
        SpecificationOptionFactory(value="别的")
        size = GoodsSpecificationFactory(goods=sku.goods, name="版本")
        SpecificationOptionFactory(spec=size, value="8GB")
        formsets = desk.get(change_page(sku)).context["inline_admin_formsets"]
        form = formsets[0].formset.forms[0]
        offered = {
            name: [label for _, label in form.fields[name].widget.choices]
            for name in ("spec", "option")
        }
        assert offered == {
            "spec": ["–", "颜色", "版本"],
            "option": ["–", "颜色: 黑色", "版本: 8GB"],
        }
        assert form["option"].value() == sku.specs.get().option_id

    def test_another_option_can_be_chosen(self, sku: SKU, desk: Client) -> None:
        white = SpecificationOptionFactory(spec=sku.goods.specs.get(), value="白色")
        save(desk, change_page(sku), **{"specs-0-option": white.pk})
        assert sku.specs.get().option == white

    def test_one_of_another_goods_cannot(self, sku: SKU, desk: Client) -> None:
        other = SpecificationOptionFactory()
        with unchanged():
            assert errors(desk, change_page(sku), **{"specs-0-option": other.pk})
            row = {"specs-0-spec": other.spec_id, "specs-0-option": other.pk}
            assert errors(desk, change_page(sku), **row)


class TestMovements:
    def test_goods_received(self, desk: Client, operator: User) -> None:
        sku = SKUFactory()
        save(desk, ADD_MOVEMENT, sku=sku.pk, change=5, note="到货")
        sku.refresh_from_db()
        moved = StockMovement.objects.get()
        assert (sku.stock, sku.opening_stock) == (15, 10)
        assert (moved.sku, moved.change, moved.reason) == (sku, 5, "receipt")
        assert (moved.note, moved.author) == ("到货", operator)

    def test_more_than_there_is_cannot_be_written_off(self, desk: Client) -> None:
        sku = SKUFactory()
        with unchanged():
            answer = send(desk, WRITE_OFF, sku=sku.pk, change=11)
        assert answer.status_code == 200
        (message,) = answer.context["messages"]
        assert message.level_tag == "error"
        assert "adminform" in answer.context
        save(desk, WRITE_OFF, sku=sku.pk, change=10, note="进水")
        moved = StockMovement.objects.get()
        assert (moved.change, moved.stock_after, moved.reason) == (-10, 0, "damage")
        assert SKU.objects.get().stock == 0

    def test_more_than_can_be_counted_cannot_be_received(self, desk: Client) -> None:
        sku = SKUFactory()
        with unchanged():
            answer = send(desk, ADD_MOVEMENT, sku=sku.pk, change=1_000_000_000 - 9)
        (message,) = answer.context["messages"]
        assert (answer.status_code, message.level_tag) == (200, "error")
        save(desk, ADD_MOVEMENT, sku=sku.pk, change=1_000_000_000 - 10)
        assert SKU.objects.get().stock == 1_000_000_000

    @pytest.mark.parametrize(
        "change", ["", "abc", "1.5", "1000000001", "0", "-5", "99999999999999", "9" * 5000]
    )
    def test_no_number_of_units(self, change: Any, desk: Client) -> None:
        sku = SKUFactory()
        with unchanged():
            assert errors(desk, ADD_MOVEMENT, sku=sku.pk, change=change)
            assert errors(desk, WRITE_OFF, sku=sku.pk, change=change)

    def test_what_was_written_down_stays(self, desk: Client, operator: User) -> None:
        row = StockMovement.objects.create(
            sku=SKUFactory(), change=1, reason="receipt", author=operator
        )
        with unchanged():
            assert desk.post(change_page(row), {"change": 5}).status_code == 403
            page = reverse("admin:goods_stockmovement_delete", args=[row.pk])
            assert desk.post(page, {"post": "yes"}).status_code == 403


def test_skus_move_along_with_their_goods(desk: Client) -> None:
    sku = SKUFactory()
    leaf = LeafCategoryFactory()
    save(desk, change_page(sku.goods), category=leaf.pk)
    sku.refresh_from_db()
    assert sku.category == leaf


def test_goods_stand_in_a_category_of_the_third_level(desk: Client) -> None:
    goods = GoodsFactory()
    for category in (goods.category.parent, goods.category.parent.parent):
        with unchanged():
            assert errors(desk, change_page(goods), category=category.pk)


def test_the_first_image_becomes_the_main_one_where_there_is_none(desk: Client) -> None:
    sku, other = SKUFactory(), SKUFactory(default_image="skus/main.png")
    for each in (sku, other):
        SKUImage.objects.create(sku=each, image="skus/2.png", sequence=2)
        SKUImage.objects.create(sku=each, image="skus/1.png", sequence=1)
        save(desk, change_page(each))
        each.refresh_from_db()
    assert (sku.default_image.name, other.default_image.name) == ("skus/1.png", "skus/main.png")


class TestCategories:
    def test_a_fourth_level_is_an_error_of_the_form(self, desk: Client) -> None:
        leaf, top = LeafCategoryFactory(), CategoryFactory()
        with unchanged():
            assert errors(desk, "/admin/goods/category/add/", name="太深", parent=leaf.pk)
            assert errors(desk, change_page(leaf.parent.parent), parent=top.pk)

    @pytest.mark.parametrize("way", ["add", "change", "delete", "delete chosen"])
    def test_the_menu_shows_the_change_at_once(
        self, way: str, desk: Client, api: APIClient, django_capture_on_commit_callbacks: Callable
    ) -> None:
        category = CategoryFactory(name="旧")
        assert [each["name"] for each in menu(api)] == ["旧"]
        with django_capture_on_commit_callbacks(execute=True):
            if way == "add":
                save(desk, "/admin/goods/category/add/", name="新")
            elif way == "change":
                save(desk, change_page(category), name="新")
            elif way == "delete":
                desk.post(
                    reverse("admin:goods_category_delete", args=[category.pk]), {"post": "yes"}
                )
            else:
                chosen = {"action": "delete_selected", "_selected_action": category.pk}
                desk.post("/admin/goods/category/", {**chosen, "post": "yes"})
        names = list(Category.objects.values_list("name", flat=True))
        assert [each["name"] for each in menu(api)] == names
        assert names == {"add": ["旧", "新"], "change": ["新"]}.get(way, [])


def menu(api: APIClient) -> list[dict[str, Any]]:
    return api.get("/api/v1/categories/").json()


def test_a_specification_that_is_sold_by_cannot_be_deleted(desk: Client) -> None:
    option = SpecificationOptionFactory()
    SKUSpecificationFactory(sku__goods=option.spec.goods, option=option)
    page = reverse("admin:goods_goodsspecification_delete", args=[option.spec_id])
    with unchanged():
        desk.post(page, {"post": "yes"})
    assert GoodsSpecification.objects.count() == 1


def test_two_skus_of_one_goods_are_never_the_same_variant(desk: Client) -> None:
    """Choosing "black" would lead to either."""
    black = SpecificationOptionFactory()
    first, second = (SKUFactory(goods=black.spec.goods) for _ in range(2))
    white = SpecificationOptionFactory(spec=black.spec, value="白色")
    SKUSpecificationFactory(sku=first, option=black)
    SKUSpecificationFactory(sku=second, option=white)
    with unchanged():
        assert errors(desk, change_page(second), **{"specs-0-option": black.pk})
    save(desk, change_page(second), price="51.00")


def test_a_sku_stays_with_its_goods_and_so_do_its_reviews(desk: Client) -> None:
    review = ReviewFactory()
    other = GoodsFactory()
    save(desk, change_page(review.sku), name="改过的名字", goods=other.pk)
    sku = SKU.objects.get(pk=review.sku_id)
    assert (sku.name, sku.goods_id) == ("改过的名字", review.goods_id)
    call_command("audit")
