"""The page of a SKU and of a goods: what is shown, and where every option leads."""

from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.goods.models import SKU, Goods, SKUImage, SpecificationOption
from tests.core.refusals import redis_down, refused
from tests.factories import (
    BrandFactory,
    GoodsFactory,
    GoodsSpecificationFactory,
    SKUFactory,
    SKUSpecificationFactory,
    SpecificationOptionFactory,
)
from tests.goods.conftest import brief

pytestmark = pytest.mark.django_db


def show(sku_id: int) -> dict[str, Any]:
    answer = APIClient().get(f"/api/v1/skus/{sku_id}/")
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.fixture
def phone(menu: SimpleNamespace) -> SimpleNamespace:
    """A phone in black and white, small and big; there is no big white one."""
    goods = GoodsFactory(
        name="手机",
        category=menu.smart,
        brand=BrandFactory(name="晨星", first_letter="C"),
        desc_detail="<p>详情</p>",
        desc_pack="手机 × 1",
        desc_service="七天",
    )
    colour = GoodsSpecificationFactory(goods=goods, name="颜色")
    size = GoodsSpecificationFactory(goods=goods, name="版本")
    black, white = (SpecificationOptionFactory(spec=colour, value=each) for each in "黑白")
    small, big = (SpecificationOptionFactory(spec=size, value=each) for each in ("8GB", "16GB"))

    def variant(*options: SpecificationOption) -> SKU:
        sku = SKUFactory(goods=goods)
        for option in options:
            SKUSpecificationFactory(sku=sku, option=option)
        return sku

    return SimpleNamespace(
        goods=goods,
        colour=colour,
        size=size,
        black_small=variant(black, small),
        black_big=variant(black, big),
        white_small=variant(white, small),
    )


def sizes(url: str) -> dict[str, str]:
    """A picture that was not uploaded through us has no other sizes than its own."""
    return dict.fromkeys(["80", "240", "480", "800"], url)


def leads(detail: dict[str, Any]) -> dict[str, tuple[int | None, bool]]:
    """Where each option leads, and whether it is the one looked at."""
    return {
        option["value"]: (option["sku_id"], option["selected"])
        for spec in detail["specs"]
        for option in spec["options"]
    }


class TestSKU:
    def test_everything_its_page_needs(self, phone: SimpleNamespace, menu: SimpleNamespace) -> None:
        sku = phone.black_small
        SKU.objects.filter(pk=sku.pk).update(
            caption="轻薄", sales=4, comments=2, score_4=1, score_5=1, default_image="skus/a.png"
        )
        later = SKUImage.objects.create(sku=sku, image="skus/2.png", sequence=2)
        sooner = SKUImage.objects.create(sku=sku, image="skus/1.png", sequence=1)
        detail = show(sku.pk)
        specs = detail.pop("specs")
        assert detail == {
            "id": sku.pk,
            "name": sku.name,
            "price": "50.00",
            "default_image_url": "http://testserver/media/skus/a.png",
            "comments": 2,
            "caption": "轻薄",
            "market_price": "60.00",
            "stock": 10,
            "sales": 4,
            "is_launched": True,
            "goods": {
                "id": phone.goods.pk,
                "name": "手机",
                "brand": {
                    "id": phone.goods.brand.pk,
                    "name": "晨星",
                    "logo": None,
                    "first_letter": "C",
                },
                "desc_detail": "<p>详情</p>",
                "desc_pack": "手机 × 1",
                "desc_service": "七天",
            },
            "categories": {
                "cat1": {"url": "/digital.html", "category": brief(menu.digital)},
                "cat2": brief(menu.phones),
                "cat3": brief(menu.smart),
            },
            "images": [
                {
                    "id": sooner.pk,
                    "image": "http://testserver/media/skus/1.png",
                    "sizes": sizes("http://testserver/media/skus/1.png"),
                },
                {
                    "id": later.pk,
                    "image": "http://testserver/media/skus/2.png",
                    "sizes": sizes("http://testserver/media/skus/2.png"),
                },
            ],
            "reviews": {"count": 2, "average": 4.5, "good_rate": 100, "scores": [0, 0, 0, 1, 1]},
        }
        assert [(spec["id"], spec["name"]) for spec in specs] == [
            (phone.colour.pk, "颜色"),
            (phone.size.pk, "版本"),
        ]

    def test_what_it_costs_us_stays_with_us(self, phone: SimpleNamespace) -> None:
        detail = show(phone.black_small.pk)
        assert not {"cost_price", "opening_stock"} & detail.keys()
        assert "30.00" not in str(detail)

    def test_the_queries_do_not_grow_with_the_variants(
        self, phone: SimpleNamespace, django_assert_num_queries: Any
    ) -> None:
        for number in range(6):
            option = SpecificationOptionFactory(spec=phone.colour, value=f"色{number}")
            SKUSpecificationFactory(sku=SKUFactory(goods=phone.goods), option=option)
        SKUImage.objects.bulk_create(
            SKUImage(sku=phone.black_small, image=f"skus/{n}.png") for n in range(9)
        )
        with django_assert_num_queries(2):
            show(phone.black_small.pk)

    @pytest.mark.parametrize("path", ["skus", "goods"])
    @pytest.mark.parametrize("number", ["0", "424242", str(2**31), str(2**63), str(2**70)])
    def test_unknown_ones(self, path: str, number: str, api: APIClient, phone: Any) -> None:
        body = refused(api.get(f"/api/v1/{path}/{number}/"), status=404, code="not_found")
        assert body["message"] == "未找到"


class TestRichText:
    """Operators paste what they find; buyers get text, tables and pictures."""

    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ("<script>steal()</script>好", "好"),
            ("<style>p{}</style>好", "好"),
            ('<p onclick="steal()" style="position:fixed">好</p>', "<p>好</p>"),
            ('<img src="x.png" onerror="steal()">', '<img src="x.png">'),
            ('<a href="javascript:steal()">好</a>', '<a rel="noopener noreferrer nofollow">好</a>'),
            (
                '<a href=" JaVa\tScript:steal()">好</a>',
                '<a rel="noopener noreferrer nofollow">好</a>',
            ),
            ('<img src="data:image/svg+xml;base64,PHN2Zz4=">', "<img>"),
            ('<a href="data:text/html,x">好</a>', '<a rel="noopener noreferrer nofollow">好</a>'),
            ("<svg><script>steal()</script></svg>好", "好"),
            ('<iframe src="//e.example"></iframe><form><input></form>好', "好"),
            ("<math><mtext><table><mglyph><style><img src=x onerror=steal()>", ""),
            ("a < b & c", "a &lt; b &amp; c"),
            ("没有标签\n第二行", "没有标签\n第二行"),
            ("", ""),
        ],
    )
    def test_what_is_shown_of_it(
        self, written: str, shown: str, phone: SimpleNamespace, api: APIClient
    ) -> None:
        columns = ("desc_detail", "desc_pack", "desc_service")
        Goods.objects.filter(pk=phone.goods.pk).update(**dict.fromkeys(columns, written))
        pages = (
            show(phone.black_small.pk)["goods"],
            api.get(f"/api/v1/goods/{phone.goods.pk}/").json(),
        )
        for page in pages:
            for column in columns:
                assert "steal" not in page[column]
                assert page[column].removesuffix('<img src="x">') == shown

    def test_tables_pictures_and_links_stay(self, phone: SimpleNamespace) -> None:
        html = (
            '<h3>参数</h3><table><tbody><tr><th colspan="2">颜色</th></tr></tbody></table>'
            '<ul><li>轻</li></ul><img src="http://testserver/media/a.png" width="790" alt="图">'
            '<a href="https://e.example/" rel="noopener noreferrer nofollow">官网</a>'
        )
        Goods.objects.filter(pk=phone.goods.pk).update(desc_detail=html)
        assert show(phone.black_small.pk)["goods"]["desc_detail"] == html

    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ('<img src="/media/a.png">', '<img src="http://testserver/media/a.png">'),
            ('<img src="//cdn.example/a.png">', '<img src="//cdn.example/a.png">'),
            (
                '<a href="/goods/7.html">好</a>',
                '<a href="/goods/7.html" rel="noopener noreferrer nofollow">好</a>',
            ),
        ],
    )
    def test_a_storefront_elsewhere_finds_the_pictures_here_and_its_own_pages_there(
        self, written: str, shown: str, phone: SimpleNamespace
    ) -> None:
        Goods.objects.filter(pk=phone.goods.pk).update(desc_detail=written)
        assert show(phone.black_small.pk)["goods"]["desc_detail"] == shown


class TestMatrix:
    def test_an_option_leads_to_the_sku_that_differs_in_it_alone(
        self, phone: SimpleNamespace
    ) -> None:
        assert leads(show(phone.black_small.pk)) == {
            "黑": (phone.black_small.pk, True),
            "白": (phone.white_small.pk, False),
            "8GB": (phone.black_small.pk, True),
            "16GB": (phone.black_big.pk, False),
        }

    def test_a_hole_leads_nowhere(self, phone: SimpleNamespace) -> None:
        assert leads(show(phone.white_small.pk)) == {
            "黑": (phone.black_small.pk, False),
            "白": (phone.white_small.pk, True),
            "8GB": (phone.white_small.pk, True),
            "16GB": (None, False),
        }

    def test_a_withdrawn_variant_is_a_hole(self, phone: SimpleNamespace) -> None:
        SKU.objects.filter(pk=phone.black_big.pk).update(is_launched=False)
        assert leads(show(phone.black_small.pk))["16GB"] == (None, False)

    def test_a_withdrawn_sku_is_shown_and_leads_to_what_is_on_sale(
        self, phone: SimpleNamespace
    ) -> None:
        SKU.objects.filter(pk=phone.black_big.pk).update(is_launched=False)
        detail = show(phone.black_big.pk)
        assert detail["is_launched"] is False
        assert leads(detail) == {
            "黑": (None, True),
            "白": (None, False),
            "8GB": (phone.black_small.pk, False),
            "16GB": (None, True),
        }

    def test_a_sku_without_specifications(self) -> None:
        assert show(SKUFactory().pk)["specs"] == []

    def test_other_goods_have_their_own_matrix(self, phone: SimpleNamespace) -> None:
        red = SpecificationOptionFactory(value="红")
        other = SKUSpecificationFactory(sku__goods=red.spec.goods, option=red).sku
        assert "红" not in leads(show(phone.black_small.pk))
        assert leads(show(other.pk)) == {"红": (other.pk, True)}


class TestGoods:
    def test_its_skus_on_sale(
        self,
        phone: SimpleNamespace,
        menu: SimpleNamespace,
        api: APIClient,
        django_assert_num_queries: Any,
    ) -> None:
        SKU.objects.filter(pk=phone.black_big.pk).update(is_launched=False)
        SKU.objects.filter(pk=phone.black_small.pk).update(default_image="skus/a.png")
        for sku, image in (
            (phone.black_small, "a"),
            (phone.white_small, "a"),
            (phone.white_small, "b"),
            (phone.black_big, "c"),
        ):
            SKUImage.objects.create(sku=sku, image=f"skus/{image}.png")
        with django_assert_num_queries(2):
            detail = api.get(f"/api/v1/goods/{phone.goods.pk}/").json()
        black, white = phone.black_small, phone.white_small
        assert detail.pop("skus") == [
            {
                "id": sku.pk,
                "name": sku.name,
                "price": "50.00",
                "default_image_url": url,
                "comments": 0,
                "stock": 10,
                "options": {str(each.spec_id): each.option_id for each in sku.specs.all()},
            }
            for sku, url in ((black, "http://testserver/media/skus/a.png"), (white, ""))
        ]
        assert [image["image"] for image in detail.pop("images")] == [
            "http://testserver/media/skus/a.png",
            "http://testserver/media/skus/b.png",
        ]
        assert [
            (spec["name"], [option["value"] for option in spec["options"]])
            for spec in detail.pop("specs")
        ] == [("颜色", ["黑", "白"]), ("版本", ["8GB", "16GB"])]
        assert detail.pop("reviews")["count"] == 0
        assert detail.pop("categories")["cat3"] == brief(menu.smart)
        assert detail.pop("brand")["name"] == "晨星"
        assert detail == {
            "id": phone.goods.pk,
            "name": "手机",
            "desc_detail": "<p>详情</p>",
            "desc_pack": "手机 × 1",
            "desc_service": "七天",
        }


def test_without_redis_both_pages_work(phone: SimpleNamespace, api: APIClient) -> None:
    with redis_down():
        assert show(phone.black_small.pk)["stock"] == 10
        assert api.get(f"/api/v1/goods/{phone.goods.pk}/").status_code == 200
