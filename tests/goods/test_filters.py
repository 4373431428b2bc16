"""Narrowing the list of a category, and how many SKUs each choice would leave."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from apps.goods.models import SKU, Brand, GoodsSpecification
from tests.core.refusals import invalid, refused
from tests.factories import (
    BrandFactory,
    GoodsFactory,
    SKUFactory,
    SKUSpecificationFactory,
    SpecificationOptionFactory,
)

pytestmark = pytest.mark.django_db

Asked = list[tuple[str, Any]]


@pytest.fixture
def phones(menu: SimpleNamespace) -> SimpleNamespace:
    """Phones of two brands in two leaves, by name: brand, price, colour, version, stock."""
    mi, apple = BrandFactory(name="小米"), BrandFactory(name="苹果")
    table = {
        "mi black 8": (mi, 100, "黑色", "8GB", 5),
        "mi black 16": (mi, 200, "黑色", "16GB", 0),
        "mi white 8": (mi, 150, "白色", "8GB", 5),
        "apple black 8": (apple, 300, "黑色", "8GB", 5),
        "apple red": (apple, 250, "红色", None, 0),
    }
    goods = {
        mi: GoodsFactory(brand=mi, category=menu.smart),
        apple: GoodsFactory(brand=apple, category=menu.simple),
    }
    for name, (brand, price, colour, version, stock) in table.items():
        sku = SKUFactory(name=name, goods=goods[brand], price=Decimal(price), stock=stock)
        choose(sku, "颜色", colour)
        choose(sku, "版本", version)
    SKUFactory(goods=goods[mi], is_launched=False, price=1)
    SKUFactory(goods__brand=mi, price=2)
    return SimpleNamespace(mi=mi, apple=apple, category=menu.phones)


def choose(sku: SKU, name: str, value: str | None) -> None:
    if value:
        spec = sku.goods.specs.filter(name=name).first() or GoodsSpecification.objects.create(
            goods=sku.goods, name=name
        )
        option = spec.options.filter(value=value).first() or SpecificationOptionFactory(
            spec=spec, value=value
        )
        SKUSpecificationFactory(sku=sku, option=option)


def ask(phones: SimpleNamespace, what: str, asked: Asked) -> Any:
    brands = {"小米": phones.mi.pk, "苹果": phones.apple.pk}
    query = urlencode([(name, brands.get(value, value)) for name, value in asked])
    return APIClient().get(f"/api/v1/categories/{phones.category.pk}/{what}/?{query}")


FOUND: list[tuple[Asked, set[str]]] = [
    ([("brand", "小米")], {"mi black 8", "mi black 16", "mi white 8"}),
    (
        [("brand", "小米"), ("brand", "苹果")],
        {"mi black 8", "mi black 16", "mi white 8", "apple black 8", "apple red"},
    ),
    ([("brand", 424242)], set()),
    ([("min_price", "150")], {"mi black 16", "mi white 8", "apple black 8", "apple red"}),
    ([("max_price", "150.00")], {"mi black 8", "mi white 8"}),
    ([("min_price", 150), ("max_price", 200)], {"mi white 8", "mi black 16"}),
    ([("min_price", "150.01"), ("max_price", "199.99")], set()),
    ([("spec", "颜色:黑色")], {"mi black 8", "mi black 16", "apple black 8"}),
    ([("spec", "颜色：白色")], {"mi white 8"}),
    (
        [("spec", "颜色:黑色"), ("spec", "颜色:红色")],
        {"mi black 8", "mi black 16", "apple black 8", "apple red"},
    ),
    ([("spec", "颜色:黑色"), ("spec", "版本:8GB")], {"mi black 8", "apple black 8"}),
    ([("spec", "颜色:黑色"), ("spec", "版本:8GB"), ("brand", "苹果")], {"apple black 8"}),
    ([("spec", "版本:黑色")], set()),
    ([("spec", "没有:这个")], set()),
    ([("in_stock", "true")], {"mi black 8", "mi white 8", "apple black 8"}),
    ([("in_stock", "1"), ("brand", "小米"), ("min_price", 101)], {"mi white 8"}),
]
EVERYTHING = FOUND[1][1]


@pytest.mark.parametrize(("asked", "names"), FOUND)
def test_what_is_left(
    asked: Asked, names: set[str], phones: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(2):
        page = ask(phones, "skus", asked).json()
    assert {sku["name"] for sku in page["results"]} == names
    assert page["count"] == len(names)
    assert ask(phones, "facets", asked).json()["count"] == len(names)


@pytest.mark.parametrize("asked", [[(name, "")] for name in ("brand", "min_price", "max_price")])
def test_a_field_left_empty_does_not_narrow(asked: Asked, phones: SimpleNamespace) -> None:
    every = [*asked, ("spec", ""), ("in_stock", "")]
    assert ask(phones, "skus", every).json()["count"] == len(EVERYTHING)
    assert ask(phones, "skus", [("in_stock", "false")]).json()["count"] == len(EVERYTHING)


def test_pages_of_a_narrowed_list_neither_repeat_nor_miss_a_sku(phones: SimpleNamespace) -> None:
    asked: Asked = [("spec", "颜色:黑色"), ("ordering", "price"), ("page_size", 2)]
    first, second = (ask(phones, "skus", [*asked, ("page", page)]).json() for page in (1, 2))
    names = [sku["name"] for page in (first, second) for sku in page["results"]]
    assert names == ["mi black 8", "mi black 16", "apple black 8"]
    again = APIClient().get(first["next"]).json()
    assert again == second
    refused(ask(phones, "skus", [*asked, ("page", 3)]), status=404, code="not_found")


@pytest.mark.parametrize("what", ["skus", "facets"])
@pytest.mark.parametrize(
    ("field", "junk"),
    [
        *(("brand", junk) for junk in ("abc", "0", "-1", "1.5", 2**63, "9" * 5000, "\0", "null")),
        *(
            (field, junk)
            for field in ("min_price", "max_price")
            for junk in ("abc", "-1", "1.001", "1e400", "NaN", "Infinity", "123456789.00", "\0")
        ),
        *(
            ("spec", junk)
            for junk in ("颜色", ":黑色", "颜色:", "a:\0", "\ud800:b", "颜:" + "色" * 49)
        ),
        *(("in_stock", junk) for junk in ("maybe", "2", "\0")),
    ],
)
def test_what_cannot_be_asked(what: str, field: str, junk: Any, phones: SimpleNamespace) -> None:
    if junk == "\ud800:b":  # what a browser would send of it
        query = f"/api/v1/categories/{phones.category.pk}/{what}/?spec=%ED%A0%80"
        invalid(APIClient().get(query), "spec")
    else:
        invalid(ask(phones, what, [(field, junk)]), field)


@pytest.mark.parametrize("what", ["skus", "facets"])
def test_limits_of_what_can_be_asked(what: str, phones: SimpleNamespace) -> None:
    invalid(ask(phones, what, [("min_price", 2), ("max_price", 1)]), "max_price")
    invalid(ask(phones, what, [("brand", number) for number in range(1, 52)]), "brand")
    invalid(ask(phones, what, [("spec", f"a:{number}") for number in range(51)]), "spec")
    # Each more lets the database think longer about the order of its joins: a dozen, for minutes.
    invalid(ask(phones, what, [("spec", f"{number}:a") for number in range(6)]), "spec")
    assert ask(phones, what, [("spec", f"{number}:a") for number in range(5)]).status_code == 200


class TestFacets:
    def test_of_everything(self, phones: SimpleNamespace, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(5):
            facets = ask(phones, "facets", []).json()
        assert facets == {
            "count": 5,
            "brands": [
                {"id": phones.mi.pk, "name": "小米", "count": 3},
                {"id": phones.apple.pk, "name": "苹果", "count": 2},
            ],
            "price": {"min": "100.00", "max": "300.00"},
            "specs": [
                {
                    "name": "颜色",
                    "values": [
                        {"value": "黑色", "count": 3},
                        {"value": "白色", "count": 1},
                        {"value": "红色", "count": 1},
                    ],
                },
                {
                    "name": "版本",
                    "values": [{"value": "8GB", "count": 3}, {"value": "16GB", "count": 1}],
                },
            ],
        }

    def test_a_choice_narrows_everything_but_its_own_counts(
        self, phones: SimpleNamespace, django_assert_num_queries: Any
    ) -> None:
        asked: Asked = [("brand", "小米"), ("spec", "颜色:黑色"), ("min_price", 150)]
        with django_assert_num_queries(6):
            facets = ask(phones, "facets", asked).json()
        assert facets["count"] == 1  # mi black 16
        assert counts(facets["brands"], "id") == {phones.mi.pk: 1, phones.apple.pk: 1}
        assert facets["price"] == {"min": "100.00", "max": "200.00"}
        assert {spec["name"]: counts(spec["values"], "value") for spec in facets["specs"]} == {
            "颜色": {"黑色": 1, "白色": 1},
            "版本": {"16GB": 1},
        }

    @pytest.mark.parametrize(("asked", "names"), FOUND)
    def test_each_count_is_what_choosing_it_finds(
        self, asked: Asked, names: set[str], phones: SimpleNamespace
    ) -> None:
        """Whatever is chosen already: take the choice in place of that of its own kind, and look."""
        facets = ask(phones, "facets", asked).json()
        choices: list[tuple[Asked, int]] = [
            ([(n, v) for n, v in asked if n != "brand"] + [("brand", brand["id"])], brand["count"])
            for brand in facets["brands"]
        ]
        for spec in facets["specs"]:
            others = [(n, v) for n, v in asked if not str(v).startswith(spec["name"])]
            choices += [
                ([*others, ("spec", f"{spec['name']}:{value['value']}")], value["count"])
                for value in spec["values"]
            ]
        for choice, count in choices:
            assert ask(phones, "skus", choice).json()["count"] == count, choice

    def test_a_brand_that_was_deleted_a_moment_ago_is_left_out(
        self, phones: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Brand.objects, "filter", lambda **_: Brand.objects.none())
        assert ask(phones, "facets", []).json()["brands"] == []

    def test_of_nothing(self, phones: SimpleNamespace) -> None:
        nothing = {"count": 0, "brands": [], "price": None, "specs": []}
        Brand.objects.create(name="空", first_letter="K")
        asked: Asked = [("brand", 424242), ("spec", "没有:这个"), ("in_stock", 1)]
        assert ask(phones, "facets", asked).json() == nothing

    @pytest.mark.parametrize("category_id", [0, 424242, 2**63, 2**70])
    def test_of_an_unknown_category(self, category_id: int, api: APIClient) -> None:
        answer = api.get(f"/api/v1/categories/{category_id}/facets/")
        refused(answer, status=404, code="not_found")


def counts(choices: list[dict[str, Any]], key: str) -> dict[Any, int]:
    return {choice[key]: choice["count"] for choice in choices}


def test_specifications_mind_case(phones: SimpleNamespace) -> None:
    skus = SKU.objects.filter(name__in=["mi black 8", "apple red"]).order_by("pk")
    for sku, (name, value) in zip(skus, [("Port", "USB"), ("PORT", "usb")], strict=True):
        choose(sku, name, value)
    specs = ask(phones, "facets", [("spec", "Port:USB"), ("spec", "port:usb")]).json()["specs"]
    assert specs == [], "no SKU has both, and nobody has the second"
    assert ask(phones, "skus", [("spec", "port:usb")]).json()["count"] == 0
    (found,) = ask(phones, "skus", [("spec", "PORT:usb")]).json()["results"]
    assert found["name"] == "apple red"
    specs = ask(phones, "facets", []).json()["specs"]
    ports = {spec["name"]: spec["values"] for spec in specs if spec["name"] not in ("颜色", "版本")}
    assert ports == {
        "Port": [{"value": "USB", "count": 1}],
        "PORT": [{"value": "usb", "count": 1}],
    }
