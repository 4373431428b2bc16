"""What was ordered once goes into the cart again, as far as it is still sold."""

import pytest
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.orders.models import OrderInfo
from apps.users.models import User
from tests.conftest import logged_in
from tests.factories import OrderInfoFactory, SKUFactory
from tests.orders.conftest import cart_of
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def put_back(client: APIClient, order: OrderInfo) -> dict:
    answer = client.post(f"/api/v1/orders/{order.pk}/reorder/")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def test_what_is_on_sale_goes_in_and_the_rest_is_named(shop: APIClient, buyer: User) -> None:
    good, withdrawn, short = SKUFactory(), SKUFactory(), SKUFactory()
    order = OrderInfoFactory(user=buyer, skus=[good, withdrawn, short])
    order.skus.filter(sku=good).update(count=3)
    SKU.objects.filter(pk=withdrawn.pk).update(is_launched=False)
    SKU.objects.filter(pk=short.pk).update(stock=0)
    answer = put_back(shop, order)
    assert answer["added"] == [{"sku_id": good.pk, "name": good.name, "count": 3}]
    assert [(each["sku_id"], each["name"], each["reason"]) for each in answer["refused"]] == [
        (withdrawn.pk, withdrawn.name, "withdrawn"),
        (short.pk, short.name, "short_of_stock"),
    ]
    assert all(each["text"] for each in answer["refused"])
    assert cart_of(shop) == {good.pk: 3}


def test_on_top_of_what_is_there(shop: APIClient, buyer: User) -> None:
    sku = SKUFactory()
    order = OrderInfoFactory(user=buyer, skus=[sku])
    shop.post("/api/v1/cart/", {"sku_id": sku.pk, "count": 2})
    put_back(shop, order)
    assert cart_of(shop) == {sku.pk: 3}


def test_not_of_others(stranger: User, api: APIClient, buyer: User) -> None:
    path = f"/api/v1/orders/{OrderInfoFactory(user=buyer).pk}/reorder/"
    with unchanged():
        assert logged_in(stranger).post(path).status_code == 404
        assert api.post(path).status_code == 401
