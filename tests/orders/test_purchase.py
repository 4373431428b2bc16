"""A purchase through HTTP, from the cart to the paid order."""

from decimal import Decimal

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.orders.models import OrderInfo
from apps.users.models import Address
from tests.factories import SKUFactory

pytestmark = pytest.mark.django_db


def test_a_cart_becomes_an_order(shop: APIClient, address: Address) -> None:
    phone, case = SKUFactory(price=Decimal("88.50")), SKUFactory(price=Decimal("9.90"))
    shop.post("/api/v1/cart/", {"sku_id": phone.pk, "count": 1})
    shop.post("/api/v1/cart/", {"sku_id": case.pk, "count": 2})

    settlement = shop.get("/api/v1/orders/settlement/").json()
    assert settlement["freight"] == "0.00"
    assert settlement["total_amount"] == "108.30"

    answer = shop.post("/api/v1/orders/", {"address": address.pk, "pay_method": "2"})
    assert answer.status_code == 201, answer.json()
    order = OrderInfo.objects.get(pk=answer.json()["order_id"])
    assert order.status == OrderInfo.Status.UNPAID
    assert order.total_amount == Decimal("108.30")
    assert (order.district, order.place) == ("东城区", "和平路1号")
    assert list(SKU.objects.order_by("pk").values_list("stock", "sales")) == [(9, 1), (8, 2)]
    assert shop.get("/api/v1/cart/").json() == []
    call_command("audit")
