"""What a storefront reads: settlement, the list of orders, one order."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.orders import services
from apps.orders.models import OrderInfo
from apps.orders.selectors import freight_for
from apps.users.models import Address, User
from tests.conftest import logged_in
from tests.factories import (
    GoodsSpecificationFactory,
    SKUFactory,
    SKUSpecificationFactory,
    SpecificationOptionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone() -> SKU:
    """Black, with 8 GB."""
    sku = SKUFactory(name="手机", price=Decimal("4999.00"), default_image="skus/phone.jpg")
    for name, value in (("颜色", "黑色"), ("版本", "8GB")):
        spec = GoodsSpecificationFactory(goods=sku.goods, name=name)
        SKUSpecificationFactory(sku=sku, option=SpecificationOptionFactory(spec=spec, value=value))
    return sku


@pytest.mark.parametrize(
    ("goods", "freight"),
    [("0.01", "10.00"), ("98.99", "10.00"), ("99.00", "0.00"), ("5000", "0.00")],
)
def test_freight(goods: str, freight: str) -> None:
    assert freight_for(Decimal(goods)) == Decimal(freight)


def test_a_settlement(shop: APIClient, fill: Callable, phone: SKU) -> None:
    fill((phone, 2))
    assert shop.get("/api/v1/orders/settlement/").json() == {
        "freight": "0.00",
        "skus": [
            {
                "id": phone.pk,
                "name": "手机",
                "default_image_url": "http://testserver/media/skus/phone.jpg",
                "specification": "颜色: 黑色, 版本: 8GB",
                "price": "4999.00",
                "count": 2,
                "obstacle": "",
            }
        ],
        "total_count": 2,
        "total_amount": "9998.00",
    }


def test_a_settlement_of_nothing_costs_nothing(shop: APIClient) -> None:
    assert shop.get("/api/v1/orders/settlement/").json() == {
        "freight": "0.00",
        "skus": [],
        "total_count": 0,
        "total_amount": "0.00",
    }


def test_a_settlement_says_what_could_not_be_ordered(shop: APIClient, fill: Callable) -> None:
    short, withdrawn, unticked = SKUFactory(), SKUFactory(), SKUFactory()
    fill((short, 5), (withdrawn, 1), (unticked, 1))
    shop.put("/api/v1/cart/", {"sku_id": unticked.pk, "count": 1, "selected": False})
    SKU.objects.filter(pk=short.pk).update(stock=4, opening_stock=4)
    SKU.objects.filter(pk=withdrawn.pk).update(is_launched=False)
    lines = shop.get("/api/v1/orders/settlement/").json()["skus"]
    assert {line["id"]: line["obstacle"] for line in lines} == {
        short.pk: "short",
        withdrawn.pk: "withdrawn",
    }


def test_an_order_keeps_what_it_sold(
    shop: APIClient, address: Address, fill: Callable, place: Callable, phone: SKU
) -> None:
    fill((phone, 1))
    order_id = place().json()["order_id"]
    before = shop.get(f"/api/v1/orders/{order_id}/").json()

    SKU.objects.update(name="another", price=Decimal("1.00"), default_image="other.jpg")
    phone.specs.all().delete()
    Address.objects.update(receiver="another", place="elsewhere", is_deleted=True)
    address.district.name = "renamed"
    address.district.save()

    after = shop.get(f"/api/v1/orders/{order_id}/").json()
    assert after == before
    created = after.pop("create_time")
    line = after.pop("skus")[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", created)
    assert line == {
        "id": line["id"],
        "count": 1,
        "price": "4999.00",
        "sku": {
            "id": phone.pk,
            "name": "手机",
            "default_image_url": "http://testserver/media/skus/phone.jpg",
            "specification": "颜色: 黑色, 版本: 8GB",
        },
    }
    assert after == {
        "order_id": order_id,
        "total_count": 1,
        "total_amount": "4999.00",
        "freight": "0.00",
        "pay_method": 2,
        "status": 1,
        "status_text": "待支付",
        "receiver": "王小美",
        "mobile": "13900000000",
        "tel": "",
        "email": "",
        "province": "北京市",
        "city": "北京市",
        "district": "东城区",
        "place": "和平路1号",
        "events": [],
        "shipment": None,
    }


def test_a_sku_of_many_long_specifications(fill: Callable, place: Callable) -> None:
    sku = SKUFactory()
    for n in range(8):
        spec = GoodsSpecificationFactory(goods=sku.goods, name=f"{n}" * 20)
        option = SpecificationOptionFactory(spec=spec, value="值" * 20)
        SKUSpecificationFactory(sku=sku, option=option)
    fill((sku, 1))
    order = OrderInfo.objects.get(pk=place().json()["order_id"])
    assert len(order.skus.get().specification) == 8 * (20 + 2 + 20) + 7 * 2


def test_cash_is_to_be_shipped_and_everything_else_to_be_paid(
    fill: Callable, place: Callable
) -> None:
    sku = SKUFactory()
    for pay_method, status in ((1, 2), ("1", 2), (2, 1), ("2", 1)):
        fill((sku, 1))
        order = OrderInfo.objects.get(pk=place(pay_method=pay_method).json()["order_id"])
        assert (order.pay_method, order.status) == (int(pay_method), status)


def test_the_list_is_newest_first_and_paged(
    shop: APIClient, fill: Callable, place: Callable
) -> None:
    sku, numbers = SKUFactory(), []
    for _ in range(3):
        fill((sku, 1))
        numbers.append(place().json()["order_id"])
    first = shop.get("/api/v1/orders/?page=1&page_size=2").json()
    second = shop.get("/api/v1/orders/?page=2&page_size=2").json()
    assert first["count"] == 3
    listed = [order["order_id"] for order in first["results"] + second["results"]]
    assert listed == numbers[::-1]
    assert set(first["results"][0]) == {
        "order_id", "create_time", "total_count", "total_amount", "freight", "pay_method", "status", "skus",
    }  # fmt: skip
    assert shop.get("/api/v1/orders/?page=9").status_code == 404


def test_others_orders_do_not_exist(
    stranger: User, api: APIClient, fill: Callable, place: Callable
) -> None:
    fill((SKUFactory(), 1))
    order_id = place().json()["order_id"]
    theirs = logged_in(stranger)
    assert theirs.get(f"/api/v1/orders/{order_id}/").status_code == 404
    assert theirs.get("/api/v1/orders/").json()["count"] == 0
    for path in ("/api/v1/orders/", f"/api/v1/orders/{order_id}/", "/api/v1/orders/settlement/"):
        assert api.get(path).status_code == 401


# --- The order number ------------------------------------------------------------------------------


def test_the_number_tells_shanghai_time_and_the_end_of_the_users_id() -> None:
    number = services.new_order_id(12_345_678, at=datetime(2026, 12, 31, 16, 0, 1, tzinfo=UTC))
    assert re.fullmatch(r"20270101000001" r"345678" r"\d{4}", number)


def test_a_number_that_is_taken_is_drawn_again(
    monkeypatch: pytest.MonkeyPatch, buyer: User, fill: Callable, place: Callable
) -> None:
    sku, now = SKUFactory(), timezone.now()
    draws = iter([7, 7, 7, 8])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(draws))
    monkeypatch.setattr(timezone, "now", lambda: now)
    for _ in range(2):
        fill((sku, 1))
        assert place().status_code == 201
    assert sorted(number[-4:] for number in OrderInfo.objects.values_list("pk", flat=True)) == [
        "0007",
        "0008",
    ]
    sku.refresh_from_db()
    assert sku.sales == 2
