"""The menus, the breadcrumbs of a category, the brands, and what may stand where."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from rest_framework.test import APIClient

from apps.goods.models import Category, Channel
from tests.core.refusals import invalid, redis_down, refused
from tests.factories import BrandFactory, CategoryFactory, SKUFactory
from tests.goods.conftest import brief

pytestmark = pytest.mark.django_db

CATEGORIES = "/api/v1/categories/"
BRANDS = "/api/v1/brands/"


def tree_of(menu: SimpleNamespace) -> list[dict[str, Any]]:
    """As it has to be shown: by sequence, then by id."""
    leaves = [brief(menu.simple), brief(menu.smart)]
    return [
        {**brief(menu.books), "subs": []},
        {**brief(menu.digital), "subs": [{**brief(menu.phones), "subs": leaves}]},
    ]


def pruned(tree: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tree without the empty lists below the third level, which a storefront need not be sent."""
    for first in tree:
        for second in first["subs"]:
            for third in second["subs"]:
                assert third.pop("subs", []) == []
    return tree


class TestTree:
    def test_three_levels_in_one_query_and_then_in_none(
        self, api: APIClient, menu: SimpleNamespace, django_assert_num_queries: Any
    ) -> None:
        for queries in (1, 0):
            with django_assert_num_queries(queries):
                assert pruned(api.get(CATEGORIES).json()) == tree_of(menu)

    def test_without_redis_it_is_read_every_time(
        self, api: APIClient, menu: SimpleNamespace, django_assert_num_queries: Any
    ) -> None:
        with redis_down():
            for _ in range(2):
                with django_assert_num_queries(1):
                    assert pruned(api.get(CATEGORIES).json()) == tree_of(menu)


class TestBreadcrumbs:
    def test_a_leaf_has_all_three(
        self, api: APIClient, menu: SimpleNamespace, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(1):
            crumbs = api.get(f"{CATEGORIES}{menu.smart.pk}/").json()
        assert crumbs == {
            "cat1": {"url": "/digital.html", "category": brief(menu.digital)},
            "cat2": brief(menu.phones),
            "cat3": brief(menu.smart),
        }

    def test_what_a_category_does_not_reach_is_empty_text(
        self, api: APIClient, menu: SimpleNamespace
    ) -> None:
        second = api.get(f"{CATEGORIES}{menu.phones.pk}/").json()
        assert (second["cat2"], second["cat3"]) == (brief(menu.phones), "")
        first = api.get(f"{CATEGORIES}{menu.digital.pk}/").json()
        assert (first["cat2"], first["cat3"]) == ("", "")

    def test_a_category_without_a_channel_has_no_url(
        self, api: APIClient, menu: SimpleNamespace
    ) -> None:
        crumbs = api.get(f"{CATEGORIES}{menu.books.pk}/").json()
        assert crumbs["cat1"] == {"url": "", "category": brief(menu.books)}

    @pytest.mark.parametrize("category_id", ["0", "424242", str(2**63), str(2**70)])
    def test_an_unknown_category(self, category_id: str, api: APIClient) -> None:
        refused(api.get(f"{CATEGORIES}{category_id}/"), status=404, code="not_found")


class TestMenu:
    def test_groups_of_channels_and_what_stands_below_them_in_one_query(
        self, api: APIClient, menu: SimpleNamespace, django_assert_num_queries: Any
    ) -> None:
        office = CategoryFactory(name="办公")
        paper = CategoryFactory(name="纸", parent=office)
        toys = CategoryFactory(name="玩具")
        CategoryFactory(name="没有频道", parent=menu.books)
        Channel.objects.create(group_id=2, category=toys)
        Channel.objects.create(group_id=1, category=office, url="/office.html", sequence=1)
        with django_assert_num_queries(1):
            groups = api.get("/api/v1/channels/").json()
        phones = {**brief(menu.phones), "sub_cats": [brief(menu.simple), brief(menu.smart)]}
        assert pruned_menu(groups) == [
            {
                "group_id": 1,
                "channels": [
                    {**brief(office), "url": "/office.html"},
                    {**brief(menu.digital), "url": "/digital.html"},
                ],
                "sub_cats": [{**brief(paper), "sub_cats": []}, phones],
            },
            {"group_id": 2, "channels": [{**brief(toys), "url": ""}], "sub_cats": []},
        ]

    def test_a_shop_without_channels_has_an_empty_menu(
        self, api: APIClient, db: None, django_assert_num_queries: Any
    ) -> None:
        CategoryFactory()
        with django_assert_num_queries(1):
            assert api.get("/api/v1/channels/").json() == []


def pruned_menu(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for group in groups:
        for second in group["sub_cats"]:
            for third in second["sub_cats"]:
                assert third.pop("sub_cats", []) == []
    return groups


class TestBrands:
    def test_by_first_letter_in_one_query(
        self, api: APIClient, django_assert_num_queries: Any
    ) -> None:
        mi = BrandFactory(name="小米", first_letter="X", logo="brands/mi.png")
        apple = BrandFactory(name="苹果", first_letter="P")
        with django_assert_num_queries(1):
            brands = api.get(BRANDS).json()
        assert brands == [
            {"id": apple.pk, "name": "苹果", "logo": None, "first_letter": "P"},
            {
                "id": mi.pk,
                "name": "小米",
                "logo": "http://testserver/media/brands/mi.png",
                "first_letter": "X",
            },
        ]

    def test_of_a_category_those_that_are_on_sale_there(
        self, api: APIClient, menu: SimpleNamespace, django_assert_num_queries: Any
    ) -> None:
        here = SKUFactory(goods__category=menu.smart).goods.brand
        SKUFactory(goods__category=menu.smart, goods__brand=here)
        SKUFactory(goods__category=menu.simple, is_launched=False)
        SKUFactory(goods__category=menu.books)
        for category in (menu.smart, menu.phones, menu.digital):
            with django_assert_num_queries(1):
                brands = api.get(f"{BRANDS}?category={category.pk}").json()
            assert [brand["id"] for brand in brands] == [here.pk]
        for category_id in (menu.simple.pk, 424242, 2**63 - 1):
            assert api.get(f"{BRANDS}?category={category_id}").json() == []

    @pytest.mark.parametrize("junk", ["0", "-1", "abc", "1.5", str(2**63), "%00", "1e400"])
    def test_what_is_no_category(self, junk: str, api: APIClient) -> None:
        invalid(api.get(f"{BRANDS}?category={junk}"), "category")


class TestLevels:
    def test_a_fourth_level_is_refused(self, menu: SimpleNamespace) -> None:
        with pytest.raises(ValidationError) as refusal:
            Category(name="太深", parent=menu.smart).full_clean()
        assert refusal.value.message_dict.keys() == {"parent"}

    def test_the_third_level_is_fine(self, menu: SimpleNamespace) -> None:
        Category(name="正好", parent=menu.phones).full_clean()

    def test_a_category_takes_its_subcategories_along(self, menu: SimpleNamespace) -> None:
        menu.phones.parent = menu.books
        menu.phones.full_clean()
        menu.digital.parent = menu.books
        with pytest.raises(ValidationError):
            menu.digital.full_clean()

    @pytest.mark.parametrize("below", ["digital", "phones", "smart"])
    def test_a_circle_is_refused(self, below: str, menu: SimpleNamespace) -> None:
        menu.digital.parent = getattr(menu, below)
        with pytest.raises(ValidationError):
            menu.digital.full_clean()

    def test_a_circle_that_is_there_can_be_opened(self, menu: SimpleNamespace) -> None:
        Category.objects.filter(pk=menu.digital.pk).update(parent=menu.phones)
        menu.digital.refresh_from_db()
        menu.digital.parent = None
        menu.digital.full_clean()
