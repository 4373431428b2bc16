"""What a buyer wants to find again."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.users.models import Favourite, User
from tests.conftest import logged_in
from tests.core.refusals import refused
from tests.factories import FavouriteFactory, SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

FAVOURITES = "/api/v1/favourites/"


def one(sku_id: int | str) -> str:
    return f"{FAVOURITES}{sku_id}/"


def listed(client: APIClient, **query: Any) -> list[int]:
    return [sku["id"] for sku in client.get(FAVOURITES, query).json()["results"]]


class TestAdding:
    def test_the_first_time_it_is_created_afterwards_it_is_there(
        self, shop: APIClient, buyer: User
    ) -> None:
        sku = SKUFactory()
        for code in (201, 200, 200):
            answer = shop.put(one(sku.pk))
            assert (answer.status_code, answer.json()) == (code, {"sku_id": sku.pk})
        assert [(each.user, each.sku) for each in Favourite.objects.all()] == [(buyer, sku)]

    def test_a_withdrawn_product_is_refused(self, shop: APIClient) -> None:
        sku = SKUFactory(is_launched=False)
        with unchanged():
            answer = refused(shop.put(one(sku.pk)), status=409, code="withdrawn")
        assert answer["sku_id"] == sku.pk

    def test_a_favourite_that_was_withdrawn_is_still_one(
        self, shop: APIClient, buyer: User
    ) -> None:
        favourite = FavouriteFactory(user=buyer, sku__is_launched=False)
        with unchanged():
            assert shop.put(one(favourite.sku_id)).status_code == 200

    def test_the_limit(self, shop: APIClient, buyer: User, monkeypatch: pytest.MonkeyPatch) -> None:
        assert Favourite.LIMIT == 200
        monkeypatch.setattr(Favourite, "LIMIT", 3)
        FavouriteFactory.create_batch(2)  # others'
        there = FavouriteFactory.create_batch(2, user=buyer)
        assert shop.put(one(SKUFactory().pk)).status_code == 201
        new = SKUFactory()
        with unchanged():
            answer = refused(shop.put(one(new.pk)), status=409, code="too_many_favourites")
            assert shop.put(one(there[0].sku_id)).status_code == 200
        assert answer["limit"] == 3
        shop.delete(one(there[0].sku_id))
        assert shop.put(one(new.pk)).status_code == 201

    def test_the_database_too_holds_each_once(self, buyer: User) -> None:
        favourite = FavouriteFactory(user=buyer)
        with pytest.raises(IntegrityError), transaction.atomic():
            FavouriteFactory(user=buyer, sku=favourite.sku)


class TestList:
    def test_the_item_says_whether_it_can_be_bought(self, shop: APIClient, buyer: User) -> None:
        sku = SKUFactory(name="手机", default_image="skus/a.png")
        gone = SKUFactory(name="旧手机", is_launched=False)
        for each in (sku, gone):
            FavouriteFactory(user=buyer, sku=each)
        assert shop.get(FAVOURITES).json() == {
            "count": 2,
            "next": None,
            "previous": None,
            "results": [
                {
                    "id": gone.pk,
                    "name": "旧手机",
                    "price": "50.00",
                    "default_image_url": "",
                    "comments": 0,
                    "is_launched": False,
                },
                {
                    "id": sku.pk,
                    "name": "手机",
                    "price": "50.00",
                    "default_image_url": "http://testserver/media/skus/a.png",
                    "comments": 0,
                    "is_launched": True,
                },
            ],
        }

    def test_the_newest_stands_first_on_every_page(self, shop: APIClient) -> None:
        skus = SKUFactory.create_batch(5)
        order = [skus[number].pk for number in (2, 0, 4, 1, 3)]
        for sku_id in order:
            shop.put(one(sku_id))
        pages = [listed(shop, page=page, page_size=2) for page in (1, 2, 3)]
        assert sum(pages, []) == order[::-1]
        refused(shop.get(FAVOURITES, {"page": 4, "page_size": 2}), status=404, code="not_found")

    def test_others_favourites_are_theirs(self, shop: APIClient, stranger: User) -> None:
        sku = FavouriteFactory(user=stranger).sku
        assert listed(shop) == []
        shop.put(one(sku.pk))
        assert listed(shop) == [sku.pk]

    def test_ten_cost_as_much_as_two(
        self, shop: APIClient, buyer: User, django_assert_num_queries: Any
    ) -> None:
        for more in (2, 8):
            FavouriteFactory.create_batch(more, user=buyer)
            with django_assert_num_queries(3):  # who asks, how many, and the SKUs
                shop.get(FAVOURITES)


class TestOne:
    def test_is_it_one_of_mine(self, shop: APIClient, buyer: User, stranger: User) -> None:
        mine, other = FavouriteFactory(user=buyer).sku, FavouriteFactory(user=stranger).sku
        answer = shop.get(one(mine.pk))
        assert (answer.status_code, answer.json()) == (200, {"sku_id": mine.pk})
        refused(shop.get(one(other.pk)), status=404, code="not_found")

    def test_removing_it_is_the_same_however_often(
        self, shop: APIClient, buyer: User, stranger: User
    ) -> None:
        sku = FavouriteFactory(user=buyer).sku
        theirs = FavouriteFactory(user=stranger, sku=sku)
        for _ in range(2):
            answer = shop.delete(one(sku.pk))
            assert (answer.status_code, answer.content) == (204, b"")
        assert list(Favourite.objects.all()) == [theirs]

    @pytest.mark.parametrize("sku_id", ["0", "424242", str(2**63), str(2**70), "abc", "-1", "1.5"])
    def test_what_does_not_exist(self, sku_id: str, shop: APIClient, buyer: User) -> None:
        FavouriteFactory(user=buyer)
        with unchanged():
            for verb in (shop.get, shop.put, shop.delete):
                refused(verb(one(sku_id)), status=404, code="not_found")

    def test_whatever_the_body_says(self, shop: APIClient) -> None:
        first, second = SKUFactory.create_batch(2)
        shop.put(one(first.pk), {"sku_id": second.pk, "user": 7})
        assert listed(shop) == [first.pk]


def test_a_deleted_product_takes_its_favourites_along(shop: APIClient, buyer: User) -> None:
    FavouriteFactory(user=buyer)
    SKU.objects.get().delete()
    assert listed(shop) == []


def test_nobody_has_none(api: APIClient, stranger: User) -> None:
    sku_id = FavouriteFactory(user=stranger).sku_id
    with unchanged():
        answers = [
            api.get(FAVOURITES),
            api.get(one(sku_id)),
            api.put(one(sku_id)),
            api.delete(one(sku_id)),
        ]
        for answer in answers:
            refused(answer, status=401, code="not_authenticated")


def test_a_stranger_s_token_removes_nothing(buyer: User, stranger: User) -> None:
    favourite = FavouriteFactory(user=buyer)
    with unchanged():
        assert logged_in(stranger).delete(one(favourite.sku_id)).status_code == 204
