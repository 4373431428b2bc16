"""What was ordered once goes into the cart again, as far as it is still sold."""

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from apps.carts.store import keys, lines, read
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


@pytest.mark.parametrize(("there", "then"), [(2, 3), (5, 5)])
def test_at_least_what_was_ordered_however_often_it_is_asked(
    shop: APIClient, buyer: User, there: int, then: int
) -> None:
    sku = SKUFactory()
    order = OrderInfoFactory(user=buyer, skus=[sku])
    order.skus.update(count=3)
    shop.post("/api/v1/cart/", {"sku_id": sku.pk, "count": there, "selected": False})
    for _ in range(2):
        put_back(shop, order)
        assert cart_of(shop) == {sku.pk: then}
        assert read(buyer.pk).ticked == {sku.pk}
    stamp = read(buyer.pk).stamp
    put_back(shop, order)
    assert read(buyer.pk).stamp == stamp


def test_what_the_cart_has_no_room_for_is_named(
    shop: APIClient, buyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MAX_SKUS", 1)
    monkeypatch.setattr(lines, "MAX_COUNT", 3)
    there, other = SKUFactory(), SKUFactory()
    order = OrderInfoFactory(user=buyer, skus=[there, other])
    shop.post("/api/v1/cart/", {"sku_id": there.pk, "count": 1})
    order.skus.filter(sku=there).update(count=4)
    refused = put_back(shop, order)["refused"]
    assert [each["reason"] for each in refused] == ["too_many_units", "cart_full"]
    assert cart_of(shop) == {there.pk: 1}


@pytest.mark.parametrize("count", [1, 6])
def test_any_number_of_lines_costs_the_same(
    shop: APIClient,
    buyer: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
) -> None:
    order = OrderInfoFactory(user=buyer, skus=[SKUFactory() for _ in range(count)])
    scripts = []
    run = keys.run
    monkeypatch.setattr(
        keys, "run", lambda name, *args, **more: scripts.append(name) or run(name, *args, **more)
    )
    with django_assert_num_queries(4):  # the buyer, the order, its lines, their SKUs
        put_back(shop, order)
    assert scripts == ["put_at_least"]


def test_not_of_others(stranger: User, api: APIClient, buyer: User) -> None:
    path = f"/api/v1/orders/{OrderInfoFactory(user=buyer).pk}/reorder/"
    with unchanged():
        assert logged_in(stranger).post(path).status_code == 404
        assert api.post(path).status_code == 401
