"""What a buyer looked at last."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.core.redis import connection, key
from apps.goods.models import SKU
from apps.users.models import User
from tests.conftest import logged_in
from tests.core.refusals import invalid, redis_down, refused
from tests.factories import SKUFactory

pytestmark = pytest.mark.django_db

HISTORY = "/api/v1/browse_histories/"


def look_at(client: APIClient, *skus: SKU) -> None:
    for sku in skus:
        assert client.post(HISTORY, {"sku_id": str(sku.pk)}).status_code == 201


def seen(client: APIClient) -> list[int]:
    return [sku["id"] for sku in client.get(HISTORY).json()]


def pks(*skus: SKU) -> list[int]:
    return [sku.pk for sku in skus]


def test_the_id_comes_as_text_and_the_item_is_that_of_every_list(shop: APIClient) -> None:
    sku = SKUFactory(name="手机", default_image="skus/a.png")
    answer = shop.post(HISTORY, {"sku_id": str(sku.pk)})
    assert (answer.status_code, answer.json()) == (201, {"sku_id": sku.pk})
    assert shop.get(HISTORY).json() == [
        {
            "id": sku.pk,
            "name": "手机",
            "price": "50.00",
            "default_image_url": "http://testserver/media/skus/a.png",
            "comments": 0,
        }
    ]


def test_nothing_looked_at_is_an_empty_array(shop: APIClient) -> None:
    answer = shop.get(HISTORY)
    assert (answer.status_code, answer.json()) == (200, [])


def test_the_newest_of_five_stands_first(shop: APIClient) -> None:
    skus = SKUFactory.create_batch(7)
    shuffled = [skus[number] for number in (3, 0, 6, 1, 5, 2, 4)]
    look_at(shop, *shuffled)
    assert seen(shop) == pks(*reversed(shuffled))[:5]


def test_looked_at_again_it_moves_to_the_head(shop: APIClient) -> None:
    first, second, third = SKUFactory.create_batch(3)
    look_at(shop, first, second, third, first)
    assert seen(shop) == pks(first, third, second)


def test_withdrawn_and_deleted_products_drop_out(shop: APIClient) -> None:
    kept, withdrawn, deleted = SKUFactory.create_batch(3)
    look_at(shop, kept, withdrawn, deleted)
    SKU.objects.filter(pk=withdrawn.pk).update(is_launched=False)
    deleted.delete()
    assert seen(shop) == [kept.pk]


def test_everybody_has_a_history_of_his_own(shop: APIClient, stranger: User) -> None:
    look_at(shop, SKUFactory())
    assert seen(logged_in(stranger)) == []


def test_it_can_be_cleared(shop: APIClient, stranger: User) -> None:
    sku = SKUFactory()
    look_at(shop, sku)
    look_at(logged_in(stranger), sku)
    for _ in range(2):
        answer = shop.delete(HISTORY)
        assert (answer.status_code, answer.content) == (204, b"")
    assert seen(shop) == []
    assert seen(logged_in(stranger)) == [sku.pk]


def test_it_ends_ninety_days_after_the_last_visit(shop: APIClient, buyer: User) -> None:
    look_at(shop, SKUFactory())
    connection("codes").expire(key(f"history:{buyer.pk}"), 9)
    look_at(shop, SKUFactory())
    assert connection("codes").ttl(key(f"history:{buyer.pk}")) > 89 * 86_400


def test_five_cost_as_much_as_one(shop: APIClient, django_assert_num_queries: Any) -> None:
    for skus in (1, 4):
        look_at(shop, *SKUFactory.create_batch(skus))
        with django_assert_num_queries(2):  # who asks, and the SKUs
            shop.get(HISTORY)


@pytest.mark.parametrize("sku_id", [424242, 2**31, 2**63 - 1, "424242"])
def test_an_unknown_product_is_refused(sku_id: Any, shop: APIClient) -> None:
    look_at(shop, sku := SKUFactory())
    answer = shop.post(HISTORY, {"sku_id": sku_id})
    assert refused(answer, status=400, code="unknown_sku")["sku_id"] == int(sku_id)
    assert seen(shop) == [sku.pk]


def test_a_withdrawn_product_is_refused(shop: APIClient, buyer: User) -> None:
    answer = shop.post(HISTORY, {"sku_id": SKUFactory(is_launched=False).pk})
    refused(answer, status=400, code="unknown_sku")
    assert not connection("codes").exists(key(f"history:{buyer.pk}"))


@pytest.mark.parametrize(
    "sku_id",
    [0, -1, 2**63, 2**70, "abc", "", None, [], {}, True, 1.5, "\0", "😀", "9" * 999],
)
def test_what_is_no_id(sku_id: Any, shop: APIClient, buyer: User) -> None:
    invalid(shop.post(HISTORY, {"sku_id": sku_id}), "sku_id")
    assert not connection("codes").exists(key(f"history:{buyer.pk}"))


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", "null", "7", '{"sku_id": 1e400}', r'{"sku_id": "\ud800"}']
)
def test_what_is_no_visit(body: str, shop: APIClient) -> None:
    answer = shop.generic("POST", HISTORY, body, content_type="application/json")
    refused(answer, status=400, code="invalid")


def test_nobody_has_none(api: APIClient) -> None:
    for answer in (api.get(HISTORY), api.post(HISTORY, {"sku_id": 1}), api.delete(HISTORY)):
        refused(answer, status=401, code="not_authenticated")


def test_without_redis_it_says_when_to_come_again(shop: APIClient) -> None:
    look_at(shop, sku := SKUFactory())
    with redis_down():
        answers = [shop.get(HISTORY), shop.post(HISTORY, {"sku_id": sku.pk}), shop.delete(HISTORY)]
    for answer in answers:
        refused(answer, status=503, code="unavailable")
    assert seen(shop) == [sku.pk]
