"""The SKUs of a category: pages, orderings, best sellers."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.goods.models import SKU
from tests.core.refusals import redis_down, refused
from tests.factories import GoodsFactory, LeafCategoryFactory, SKUFactory

pytestmark = pytest.mark.django_db


def skus_of(category: Any) -> str:
    return f"/api/v1/categories/{getattr(category, 'pk', category)}/skus/"


def hot_skus_of(category: Any) -> str:
    return f"/api/v1/categories/{getattr(category, 'pk', category)}/hotskus/"


def ids(answer: Any) -> list[int]:
    return [sku["id"] for sku in answer.json()["results"]]


@pytest.fixture
def leaf(db: None) -> Any:
    return LeafCategoryFactory()


@pytest.fixture
def seven(leaf: Any) -> list[SKU]:
    """Seven SKUs of one category, some as dear and as popular as others."""
    goods = GoodsFactory(category=leaf)
    prices, sales = [5, 3, 5, 5, 3, 9, 3], [0, 8, 0, 8, 0, 0, 2]
    return [
        SKUFactory(goods=goods, price=Decimal(price), sales=sold)
        for price, sold in zip(prices, sales, strict=True)
    ]


class TestPage:
    def test_what_a_sku_shows(self, api: APIClient, leaf: Any) -> None:
        sku = SKUFactory(goods__category=leaf, price=Decimal("1234.5"), default_image="skus/a.png")
        bare = SKUFactory(goods__category=leaf, name="无图")
        SKU.objects.filter(pk=sku.pk).update(comments=3)
        assert api.get(skus_of(leaf)).json() == {
            "count": 2,
            "next": None,
            "previous": None,
            "results": [
                {
                    "id": bare.pk,
                    "name": "无图",
                    "price": "50.00",
                    "default_image_url": "",
                    "comments": 0,
                },
                {
                    "id": sku.pk,
                    "name": sku.name,
                    "price": "1234.50",
                    "default_image_url": "http://testserver/media/skus/a.png",
                    "comments": 3,
                },
            ],
        }

    def test_withdrawn_skus_and_those_of_other_categories_are_not_there(
        self, api: APIClient, leaf: Any, seven: list[SKU]
    ) -> None:
        SKUFactory(goods=seven[0].goods, is_launched=False)
        SKUFactory()
        answer = api.get(skus_of(leaf))
        assert answer.json()["count"] == 7
        assert set(ids(answer)) == {sku.pk for sku in seven}

    @pytest.mark.parametrize("query", ["", "?page=2&page_size=3&ordering=price", "?page_size=100"])
    def test_two_queries_whatever_is_asked(
        self,
        query: str,
        api: APIClient,
        leaf: Any,
        seven: list[SKU],
        django_assert_num_queries: Any,
    ) -> None:
        with django_assert_num_queries(2):
            assert api.get(skus_of(leaf) + query).status_code == 200

    def test_next_and_previous_lead_through_all_pages(
        self, api: APIClient, leaf: Any, seven: list[SKU]
    ) -> None:
        first = api.get(f"{skus_of(leaf)}?page_size=5&ordering=price")
        second = api.get(first.json()["next"])
        assert [len(ids(first)), len(ids(second))] == [5, 2]
        assert second.json()["next"] is None
        assert ids(api.get(second.json()["previous"])) == ids(first)


class TestOrdering:
    @pytest.mark.parametrize("ordering", ["create_time", "price", "sales"])
    @pytest.mark.parametrize("sign", ["", "-"])
    def test_pages_neither_repeat_nor_miss_a_sku(
        self, ordering: str, sign: str, api: APIClient, leaf: Any, seven: list[SKU]
    ) -> None:
        SKU.objects.update(create_time=seven[0].create_time)  # all equally old
        pages = [
            ids(api.get(f"{skus_of(leaf)}?ordering={sign}{ordering}&page_size=2&page={page}"))
            for page in (1, 2, 3, 4)
        ]
        rows = SKU.objects.all()
        wanted = sorted(rows, key=lambda sku: (getattr(sku, ordering), sku.pk), reverse=bool(sign))
        assert sum(pages, []) == [sku.pk for sku in wanted]

    @pytest.mark.parametrize("query", ["", "?ordering=", "?ordering=-create_time"])
    def test_the_newest_stand_first(
        self, query: str, api: APIClient, leaf: Any, seven: list[SKU]
    ) -> None:
        assert ids(api.get(skus_of(leaf) + query)) == [sku.pk for sku in reversed(seven)]

    @pytest.mark.parametrize(
        "junk", ["stock", "cost_price", "--price", "price,id", "?", "%00", "goods__brand", "-"]
    )
    def test_an_ordering_we_do_not_have_is_the_default(
        self, junk: str, api: APIClient, leaf: Any, seven: list[SKU]
    ) -> None:
        answer = api.get(f"{skus_of(leaf)}?ordering={junk}")
        assert ids(answer) == [sku.pk for sku in reversed(seven)]


class TestPageNumbers:
    @pytest.mark.parametrize(
        "page", ["3", "0", "-1", "abc", "1.5", str(2**70), "9" * 5000, "%00", "null"]
    )
    def test_a_page_that_is_not_there(
        self, page: str, api: APIClient, leaf: Any, seven: list[SKU]
    ) -> None:
        answer = api.get(f"{skus_of(leaf)}?page_size=4&page={page}")
        refused(answer, status=404, code="not_found")

    @pytest.mark.parametrize("page_size", ["0", "-1", "abc", "", "1.5"])
    def test_a_junk_page_size_is_the_default(
        self, page_size: str, api: APIClient, leaf: Any, seven: list[SKU]
    ) -> None:
        assert len(ids(api.get(f"{skus_of(leaf)}?page_size={page_size}"))) == 7

    @pytest.mark.parametrize(("page_size", "shown"), [("", 20), ("?page_size=101", 100)])
    def test_a_page_has_its_limits(
        self, page_size: str, shown: int, api: APIClient, leaf: Any
    ) -> None:
        goods = GoodsFactory(category=leaf)
        SKU.objects.bulk_create(SKUFactory.build(goods=goods, category=leaf) for _ in range(101))
        answer = api.get(skus_of(leaf) + page_size)
        assert (answer.json()["count"], len(ids(answer))) == (101, shown)


class TestHigherLevels:
    @pytest.fixture
    def phones(self, menu: SimpleNamespace) -> list[int]:
        """The ids of five SKUs in two leaves, newest first."""
        leaves = [menu.smart, menu.simple, menu.smart, menu.simple, menu.smart]
        SKUFactory(goods__category=menu.books)
        return [SKUFactory(goods__category=leaf).pk for leaf in leaves][::-1]

    @pytest.mark.parametrize("level", ["digital", "phones"])
    def test_they_list_what_stands_in_their_leaves(
        self, level: str, api: APIClient, menu: SimpleNamespace, phones: list[int]
    ) -> None:
        url = skus_of(getattr(menu, level))
        assert ids(api.get(url)) == phones
        assert [ids(api.get(f"{url}?page_size=2&page={page}")) for page in (1, 2, 3)] == [
            phones[:2],
            phones[2:4],
            phones[4:],
        ]
        refused(api.get(f"{url}?page_size=2&page=4"), status=404, code="not_found")

    @pytest.mark.parametrize("level", ["digital", "phones"])
    @pytest.mark.parametrize("page_of", [skus_of, hot_skus_of])
    def test_two_queries_however_many_skus_and_categories_are_below(
        self,
        level: str,
        page_of: Callable[[Any], str],
        api: APIClient,
        menu: SimpleNamespace,
        phones: list[int],
        django_assert_num_queries: Any,
    ) -> None:
        LeafCategoryFactory(parent=menu.phones)
        with django_assert_num_queries(2):
            assert api.get(page_of(getattr(menu, level))).status_code == 200

    def test_a_category_without_skus_is_an_empty_page(
        self, api: APIClient, menu: SimpleNamespace
    ) -> None:
        empty = {"count": 0, "next": None, "previous": None, "results": []}
        for category in (menu.books, menu.smart, menu.digital):
            assert api.get(skus_of(category)).json() == empty

    @pytest.mark.parametrize("category_id", [0, 424242, 2**31, 2**63, 2**70])
    def test_an_unknown_category(self, category_id: int, api: APIClient, leaf: Any) -> None:
        refused(api.get(skus_of(category_id)), status=404, code="not_found")


class TestHotSKUs:
    def test_the_two_best_sellers_as_a_plain_array(
        self, api: APIClient, leaf: Any, seven: list[SKU], django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(2):
            hot = api.get(hot_skus_of(leaf)).json()
        assert [sku["id"] for sku in hot] == [seven[3].pk, seven[1].pk]
        assert hot[0].keys() == {"id", "name", "price", "default_image_url", "comments"}

    def test_withdrawn_ones_are_not_hot(self, api: APIClient, leaf: Any, seven: list[SKU]) -> None:
        SKU.objects.filter(pk=seven[3].pk).update(is_launched=False)
        hot = api.get(hot_skus_of(leaf)).json()
        assert [sku["id"] for sku in hot] == [seven[1].pk, seven[6].pk]

    @pytest.mark.parametrize("category_id", [424242, 2**63, 2**70])
    def test_of_an_unknown_category_nothing_is_hot(self, category_id: int, api: APIClient) -> None:
        assert api.get(hot_skus_of(category_id)).status_code == 404

    def test_of_a_higher_category_the_best_of_those_below(
        self, api: APIClient, leaf: Any, seven: list[SKU]
    ) -> None:
        of_the_top = api.get(hot_skus_of(leaf.parent.parent)).json()
        assert of_the_top == api.get(hot_skus_of(leaf)).json() != []


def test_without_redis_the_catalogue_works(api: APIClient, leaf: Any, seven: list[SKU]) -> None:
    with redis_down():
        assert api.get(skus_of(leaf)).json()["count"] == 7
        assert len(api.get(hot_skus_of(leaf)).json()) == 2
