"""`GET /skus/search/` and `/skus/suggestions/` on the wire."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.search import services
from tests.core.refusals import invalid, refused
from tests.factories import (
    BrandFactory,
    CategoryFactory,
    GoodsFactory,
    SKUFactory,
    SKUSpecificationFactory,
    SpecificationOptionFactory,
)

pytestmark = pytest.mark.django_db

URL = "/api/v1/skus/search/"
SUGGESTIONS = "/api/v1/skus/suggestions/"


def ids(answer: Any) -> list[int]:
    return [result["object"]["id"] for result in answer.json()["results"]]


def search(api: APIClient, **query: Any) -> list[int]:
    return ids(api.get(URL, query))


@pytest.fixture
def phones(index: Path, db: None) -> list[SKU]:
    """Five phones by two brands in two colours, and a withdrawn one; the index knows them."""
    digital = CategoryFactory(name="手机数码")
    leaf = CategoryFactory(name="智能手机", parent=CategoryFactory(name="手机通讯", parent=digital))
    xiaomi, huawei = (
        GoodsFactory(name=f"{name}手机", brand=BrandFactory(name=name), category=leaf)
        for name in ("小米", "华为")
    )
    black = SpecificationOptionFactory(spec__goods=xiaomi, value="黑色")
    white = SpecificationOptionFactory(spec=black.spec, value="白色")
    skus = []
    for number, (goods, price, sales) in enumerate(
        [(xiaomi, 300, 5), (xiaomi, 100, 0), (huawei, 200, 9), (huawei, 100, 0), (xiaomi, 200, 5)]
    ):
        sku = SKUFactory(
            name=f"{goods.name} {number}", goods=goods, price=Decimal(price), sales=sales
        )
        if goods is xiaomi:
            SKUSpecificationFactory(sku=sku, option=white if number == 4 else black)
        skus.append(sku)
    SKUFactory(name="小米手机 旧款", goods=xiaomi, is_launched=False)
    services.rebuild()
    return skus


def at(skus: list[SKU], *places: int) -> list[int]:
    return [skus[place].pk for place in places]


class TestPage:
    def test_what_a_result_shows(self, api: APIClient, index: Path) -> None:
        sku = SKUFactory(name="龙井 250g", price=Decimal("88.5"), default_image="skus/a.png")
        SKU.objects.filter(pk=sku.pk).update(comments=3)
        services.rebuild()
        assert api.get(URL, {"text": "龙井"}).json() == {
            "count": 1,
            "next": None,
            "previous": None,
            "results": [
                {
                    "text": "龙井 250g",
                    "object": {
                        "id": sku.pk,
                        "name": "龙井 250g",
                        "price": "88.50",
                        "default_image_url": "http://testserver/media/skus/a.png",
                        "comments": 3,
                    },
                }
            ],
        }

    @pytest.mark.parametrize(
        "query",
        [
            {"text": "手机"},
            {"text": "shouji", "page_size": 2, "page": 2, "ordering": "price"},
            {"spec": "颜色:黑色", "min_price": 1, "ordering": "-sales"},
        ],
    )
    def test_one_query_whatever_is_asked(
        self,
        query: dict[str, Any],
        api: APIClient,
        phones: list[SKU],
        django_assert_num_queries: Any,
    ) -> None:
        api.get(URL, query)
        with django_assert_num_queries(1):
            assert api.get(URL, query).status_code == 200

    def test_next_and_previous_lead_through_all_pages(
        self, api: APIClient, phones: list[SKU]
    ) -> None:
        first = api.get(URL, {"text": "手机", "page_size": 3, "ordering": "-sales"})
        second = api.get(first.json()["next"])
        assert [first.json()["count"], len(ids(first)), len(ids(second))] == [5, 3, 2]
        assert second.json()["next"] is None
        assert ids(api.get(second.json()["previous"])) == ids(first)
        assert set(ids(first) + ids(second)) == {sku.pk for sku in phones}

    @pytest.mark.parametrize(
        "page", ["4", "0", "-1", "abc", "1.5", "last", str(2**70), "9" * 5000, "\x00", "5000"]
    )
    def test_a_page_that_is_not_there(self, page: str, api: APIClient, phones: list[SKU]) -> None:
        answer = api.get(URL, {"text": "手机", "page_size": 2, "page": page})
        refused(answer, status=404, code="not_found")

    def test_pages_end_at_ten_thousand_results(
        self, api: APIClient, phones: list[SKU], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.search.views.DEEPEST", 4)
        last = api.get(URL, {"text": "手机", "page_size": 2, "page": 2})
        assert (last.json()["count"], last.json()["next"], len(ids(last))) == (4, None, 2)
        deeper = api.get(URL, {"text": "手机", "page_size": 2, "page": 3})
        refused(deeper, status=404, code="not_found")

    @pytest.mark.parametrize("text", ["", "  ", None])
    def test_without_a_text_everything_with_the_best_sellers_first(
        self, text: str | None, api: APIClient, phones: list[SKU]
    ) -> None:
        found = search(api, **({} if text is None else {"text": text}))
        assert found == at(phones, 2, 4, 0, 3, 1)

    def test_nothing_found_is_an_empty_page(self, api: APIClient, phones: list[SKU]) -> None:
        empty = {"count": 0, "next": None, "previous": None, "results": []}
        assert api.get(URL, {"text": "火星车"}).json() == empty
        assert api.get(URL, {"text": "🐻!?"}).json() == empty


class TestOrdering:
    @pytest.mark.parametrize(
        ("ordering", "wanted"),
        [
            ("price", (1, 3, 2, 4, 0)),
            ("-price", (0, 4, 2, 3, 1)),
            ("sales", (1, 3, 0, 4, 2)),
            ("-sales", (2, 4, 0, 3, 1)),
            ("create_time", (0, 1, 2, 3, 4)),
            ("-create_time", (4, 3, 2, 1, 0)),
        ],
    )
    def test_the_id_breaks_ties(
        self, ordering: str, wanted: tuple[int, ...], api: APIClient, phones: list[SKU]
    ) -> None:
        SKU.objects.update(create_time=phones[0].create_time)
        for place, sku in enumerate(phones):
            created = phones[0].create_time + timedelta(seconds=place)
            SKU.objects.filter(pk=sku.pk).update(create_time=created)
        services.rebuild()
        assert search(api, text="手机", ordering=ordering) == at(phones, *wanted)

    @pytest.mark.parametrize("junk", ["stock", "--price", "price,id", "\x00", "by_price", "id"])
    def test_an_ordering_we_do_not_have_is_relevance(
        self, junk: str, api: APIClient, phones: list[SKU]
    ) -> None:
        assert search(api, text="小米", ordering=junk) == search(api, text="小米")


class TestFilters:
    def test_by_brand_one_or_more(self, api: APIClient, phones: list[SKU]) -> None:
        xiaomi, huawei = (phones[place].goods.brand_id for place in (0, 2))
        assert set(search(api, text="手机", brand=xiaomi)) == set(at(phones, 0, 1, 4))
        assert len(search(api, text="手机", brand=[xiaomi, huawei])) == 5
        assert search(api, text="手机", brand=424242) == []

    def test_what_a_filter_leaves_nothing_of_is_not_replaced_by_something_like_it(
        self, api: APIClient, phones: list[SKU]
    ) -> None:
        huawei = phones[2].goods.brand_id
        assert search(api, text="小米", brand=huawei) == []

    @pytest.mark.parametrize("level", [0, 1, 2])
    def test_by_category_of_any_level(self, level: int, api: APIClient, phones: list[SKU]) -> None:
        category = phones[0].category.path[level]
        SKUFactory(name="手机支架")
        services.rebuild()
        assert len(search(api, text="手机")) == 6
        assert set(search(api, text="手机", category=category.pk)) == {sku.pk for sku in phones}

    @pytest.mark.parametrize(
        ("bounds", "wanted"),
        [
            ({"min_price": "200"}, (0, 2, 4)),
            ({"max_price": "100.00"}, (1, 3)),
            ({"min_price": "100.01", "max_price": "299.99"}, (2, 4)),
            ({"min_price": "301"}, ()),
        ],
    )
    def test_by_price(
        self, bounds: dict[str, str], wanted: tuple[int, ...], api: APIClient, phones: list[SKU]
    ) -> None:
        assert set(search(api, text="手机", **bounds)) == set(at(phones, *wanted))

    def test_by_specification(self, api: APIClient, phones: list[SKU]) -> None:
        assert set(search(api, text="手机", spec="颜色:黑色")) == set(at(phones, 0, 1))
        both = search(api, text="手机", spec=["颜色:黑色", "颜色:白色"])
        assert set(both) == set(at(phones, 0, 1, 4))
        assert search(api, text="手机", spec=["颜色:黑色", "内存:8GB"]) == []


class TestBadInput:
    @pytest.mark.parametrize("text", ["x" * 101, "x" * 10_000, "a\x00b"])
    @pytest.mark.parametrize("url", [URL, SUGGESTIONS])
    def test_a_text_nobody_types(self, url: str, text: str, api: APIClient) -> None:
        invalid(api.get(url, {"text": text}), "text")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *[("brand", value) for value in ("x", "-1", "0", "1.5", 2**63, "9" * 5000, "\x00")],
            *[("category", value) for value in ("x", "-1", 2**63, "9" * 5000)],
            *[("min_price", value) for value in ("x", "-1", "1e400", "NaN", "Infinity", "1.234")],
            ("max_price", "123456789.00"),
            ("max_price", "-0.01"),
            *[
                ("spec", value)
                for value in ("黑色", ":黑色", "颜色:", "颜\x00:黑", "x:" + "y" * 99)
            ],
        ],
    )
    def test_a_filter_that_is_none(self, field: str, value: Any, api: APIClient) -> None:
        invalid(api.get(URL, {"text": "手机", field: value}), field)

    def test_a_span_of_prices_the_wrong_way_round(self, api: APIClient) -> None:
        invalid(api.get(URL, {"min_price": 2, "max_price": 1}), "max_price")

    def test_more_filters_than_anybody_ticks(self, api: APIClient) -> None:
        invalid(api.get(URL, {"brand": range(1, 52)}), "brand")
        invalid(api.get(URL, {"spec": ["a:b"] * 51}), "spec")

    def test_only_reading_is_possible(self, api: APIClient) -> None:
        for method in (api.post, api.put, api.delete):
            refused(method(URL, {}), status=405, code="method_not_allowed")


def test_what_is_shown_is_what_the_database_says(api: APIClient, phones: list[SKU]) -> None:
    """The index has not heard of any of this yet."""
    cheap, withdrawn, *_ = phones
    SKU.objects.filter(pk=cheap.pk).update(price=Decimal("1.50"))
    SKU.objects.filter(pk=withdrawn.pk).update(is_launched=False)
    results = api.get(URL, {"text": "小米"}).json()["results"]
    prices = {result["object"]["id"]: result["object"]["price"] for result in results}
    assert prices == {cheap.pk: "1.50", phones[4].pk: "200.00"}


def test_what_sold_out_a_moment_ago_is_not_in_stock(api: APIClient, phones: list[SKU]) -> None:
    SKU.objects.filter(pk=phones[0].pk).update(stock=0)
    assert set(search(api, text="小米")) == set(at(phones, 0, 1, 4))
    for yes in ("true", "1"):
        assert set(search(api, text="小米", in_stock=yes)) == set(at(phones, 1, 4))
    assert len(search(api, text="小米", in_stock="false")) == 3


def test_suggestions_are_a_plain_array(
    api: APIClient, phones: list[SKU], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert api.get(SUGGESTIONS, {"text": "小"}).json() == ["小米", "小米手机", "小米 智能手机"]
    assert api.get(SUGGESTIONS).json() == []


def test_at_most_ten_suggestions(api: APIClient, index: Path) -> None:
    for number in range(12):
        SKUFactory(goods__name=f"杯子{number}")
    services.rebuild()
    assert len(api.get(SUGGESTIONS, {"text": "杯"}).json()) == 10


def test_a_stale_token_does_no_harm(phones: list[SKU]) -> None:
    stale = APIClient(HTTP_AUTHORIZATION="JWT undefined")
    assert len(search(stale, text="小米")) == 3


def test_the_command_finds_everything_again(api: APIClient, index: Path, capsys: Any) -> None:
    sku = SKUFactory(name="白瓷杯")
    call_command("rebuild_index")
    assert capsys.readouterr().out.startswith("1 SKUs indexed in ")
    assert search(api, text="白瓷杯") == [sku.pk]


class TestFacets:
    FACETS = f"{URL}facets/"

    def test_what_the_results_can_be_narrowed_by(
        self, api: APIClient, phones: list[SKU], django_assert_num_queries: Any
    ) -> None:
        xiaomi, huawei = phones[0].goods.brand, phones[2].goods.brand
        api.get(self.FACETS, {"text": "手机"})
        with django_assert_num_queries(2):
            answer = api.get(self.FACETS, {"text": "手机"})
        assert answer.json() == {
            "count": 5,
            "brands": [
                {"id": xiaomi.pk, "name": "小米", "count": 3},
                {"id": huawei.pk, "name": "华为", "count": 2},
            ],
            "categories": [{"id": phones[0].category_id, "name": "智能手机", "count": 5}],
            "price": {"min": "100.00", "max": "300.00"},
            "specs": [
                {
                    "name": "颜色",
                    "values": [{"value": "黑色", "count": 2}, {"value": "白色", "count": 1}],
                }
            ],
        }

    def test_what_is_chosen_does_not_narrow_its_own_counts(
        self, api: APIClient, phones: list[SKU]
    ) -> None:
        chosen = {
            "text": "手机",
            "brand": phones[0].goods.brand_id,
            "spec": "颜色:白色",
            "max_price": "250",
        }
        facets = api.get(self.FACETS, chosen).json()
        assert facets["count"] == len(search(api, **chosen)) == 1
        # None of the other brand's is white.
        assert [(brand["name"], brand["count"]) for brand in facets["brands"]] == [("小米", 1)]
        assert facets["price"] == {"min": "200.00", "max": "200.00"}
        assert facets["specs"][0]["values"] == [
            {"value": "白色", "count": 1},
            {"value": "黑色", "count": 1},
        ]
        del chosen["spec"]
        facets = api.get(self.FACETS, chosen).json()
        assert [(brand["name"], brand["count"]) for brand in facets["brands"]] == [
            ("小米", 2),
            ("华为", 2),
        ]
        assert facets["price"] == {"min": "100.00", "max": "300.00"}

    def test_what_is_in_stock_narrows_every_count(self, api: APIClient, phones: list[SKU]) -> None:
        SKU.objects.filter(pk__in=at(phones, 0, 2)).update(stock=0)
        services.rebuild()
        facets = api.get(self.FACETS, {"text": "手机", "in_stock": "true"}).json()
        assert facets["count"] == len(search(api, text="手机", in_stock="true")) == 3
        assert [(brand["name"], brand["count"]) for brand in facets["brands"]] == [
            ("小米", 2),
            ("华为", 1),
        ]
        assert {value["value"]: value["count"] for value in facets["specs"][0]["values"]} == {
            "黑色": 1,
            "白色": 1,
        }
        assert facets["price"] == {"min": "100.00", "max": "200.00"}

    @pytest.mark.parametrize("text", ["火星车", "!!!"])
    def test_of_nothing(self, text: str, api: APIClient, phones: list[SKU]) -> None:
        nothing = {"count": 0, "brands": [], "categories": [], "price": None, "specs": []}
        assert api.get(self.FACETS, {"text": text}).json() == nothing

    def test_without_a_text_they_are_of_everything(self, api: APIClient, phones: list[SKU]) -> None:
        assert api.get(self.FACETS).json()["count"] == 5

    def test_bad_input(self, api: APIClient) -> None:
        invalid(api.get(self.FACETS, {"text": "x" * 101, "brand": "x"}), "text", "brand")
