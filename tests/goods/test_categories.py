"""The category menu, the breadcrumbs of a category, and what may stand where."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from rest_framework.test import APIClient

from apps.goods.models import Category
from tests.core.refusals import redis_down, refused
from tests.factories import CategoryFactory
from tests.goods.conftest import brief

pytestmark = pytest.mark.django_db

CATEGORIES = "/api/v1/categories/"


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

    def test_an_empty_menu_is_not_remembered(self, api: APIClient) -> None:
        assert api.get(CATEGORIES).json() == []
        category = CategoryFactory()
        assert api.get(CATEGORIES).json() == [{**brief(category), "subs": []}]

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
        with django_assert_num_queries(2):
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
