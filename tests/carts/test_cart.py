"""A buyer's cart through HTTP: every verb, its limits, and what it tells of each line."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.users.models import User
from tests.carts import direct
from tests.carts.conftest import CART, SELECTION, counts, lines
from tests.conftest import logged_in
from tests.core.refusals import refused
from tests.factories import SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db


class TestAdding:
    def test_a_line_shows_everything_a_cart_page_needs(self, shop: APIClient) -> None:
        sku = SKUFactory(price=Decimal("1234.5"), default_image="skus/a.png")
        answer = shop.post(CART, {"sku_id": sku.pk, "count": 2})
        assert answer.status_code == 201
        assert answer.json() == {"sku_id": sku.pk, "count": 2, "selected": True}
        assert lines(shop) == [
            {
                "id": sku.pk,
                "name": sku.name,
                "price": "1234.50",
                "default_image_url": "/media/skus/a.png",
                "count": 2,
                "selected": True,
                "added_price": "1234.50",
                "is_repriced": False,
                "is_short": False,
                "is_launched": True,
            }
        ]

    def test_it_adds(self, shop: APIClient, fill: Callable) -> None:
        (sku,) = fill(2)
        answer = shop.post(CART, {"sku_id": sku.pk, "count": 3})
        assert answer.json() == {"sku_id": sku.pk, "count": 3, "selected": True}
        assert counts(shop) == {sku.pk: (5, True)}

    def test_unticked_if_so_wished(self, shop: APIClient) -> None:
        sku = SKUFactory()
        shop.post(CART, {"sku_id": sku.pk, "count": 1, "selected": False})
        assert counts(shop) == {sku.pk: (1, False)}
        shop.post(CART, {"sku_id": sku.pk, "count": 1})
        assert counts(shop) == {sku.pk: (2, True)}

    def test_numbers_may_be_text(self, shop: APIClient) -> None:
        sku = SKUFactory()
        answer = shop.post(CART, {"sku_id": str(sku.pk), "count": "2", "selected": "false"})
        assert answer.json() == {"sku_id": sku.pk, "count": 2, "selected": False}

    def test_the_last_added_stands_first(self, shop: APIClient, fill: Callable) -> None:
        first, second, third = fill(1, 1, 1)
        assert list(counts(shop)) == [third.pk, second.pk, first.pk]
        shop.post(CART, {"sku_id": first.pk, "count": 1})
        shop.put(CART, {"sku_id": second.pk, "count": 5, "selected": True})
        assert list(counts(shop)) == [first.pk, third.pk, second.pk]


class TestReplacing:
    def test_it_replaces_however_often(self, shop: APIClient, fill: Callable) -> None:
        sku, other = fill(2, 1)
        for _ in range(2):
            answer = shop.put(CART, {"sku_id": sku.pk, "count": 7, "selected": False})
            assert answer.status_code == 200
            assert answer.json() == {"sku_id": sku.pk, "count": 7, "selected": False}
            assert counts(shop) == {other.pk: (1, True), sku.pk: (7, False)}

    def test_what_is_not_there_yet_is_put_there(self, shop: APIClient) -> None:
        sku = SKUFactory()
        assert shop.put(CART, {"sku_id": sku.pk, "count": 3, "selected": True}).status_code == 200
        assert counts(shop) == {sku.pk: (3, True)}


class TestRemoving:
    def test_the_body_says_which(self, shop: APIClient, fill: Callable) -> None:
        sku, other = fill(2, 1)
        answer = shop.delete(CART, {"sku_id": sku.pk})
        assert (answer.status_code, answer.content) == (204, b"")
        assert counts(shop) == {other.pk: (1, True)}

    def test_it_need_not_be_there(self, shop: APIClient, fill: Callable) -> None:
        fill(1)
        with unchanged():
            for sku_id in (424242, 2**62):
                assert shop.delete(CART, {"sku_id": sku_id}).status_code == 204

    def test_what_was_removed_comes_back_as_new(self, shop: APIClient, fill: Callable) -> None:
        (sku,) = fill(5)
        shop.delete(CART, {"sku_id": sku.pk})
        SKU.objects.update(price=Decimal("40.00"))
        shop.post(CART, {"sku_id": sku.pk, "count": 1, "selected": False})
        (line,) = lines(shop)
        assert (line["count"], line["selected"], line["added_price"]) == (1, False, "40.00")

    def test_withdrawn_ones_can_be_unticked(self, shop: APIClient, fill: Callable) -> None:
        """Ticked, such a line would stand in the way of every order."""
        (sku,) = fill(2)
        SKU.objects.update(is_launched=False)
        for count, ticked, status in (
            (2, True, 409),
            (3, False, 409),
            (2, False, 200),
            (2, True, 409),
        ):
            body = {"sku_id": sku.pk, "count": count, "selected": ticked}
            assert shop.put("/api/v1/cart/", body).status_code == status
        line = shop.get("/api/v1/cart/").json()[0]
        assert (line["count"], line["selected"]) == (2, False)

    def test_withdrawn_ones_can_be_removed(self, shop: APIClient, fill: Callable) -> None:
        (sku,) = fill(1)
        SKU.objects.update(is_launched=False)
        assert shop.delete(CART, {"sku_id": sku.pk}).status_code == 204
        assert lines(shop) == []


class TestTickingAll:
    def test_every_line_or_none(self, shop: APIClient, fill: Callable) -> None:
        sku, other = fill(2, 1)
        for selected in (False, True, True):
            answer = shop.put(SELECTION, {"selected": selected})
            assert (answer.status_code, answer.json()) == (200, {"message": "OK"})
            assert counts(shop) == {other.pk: (1, selected), sku.pk: (2, selected)}

    @pytest.mark.parametrize("selected", [True, False])
    def test_an_empty_cart_has_nothing_to_tick(self, selected: bool, shop: APIClient) -> None:
        with unchanged():
            assert shop.put(SELECTION, {"selected": selected}).status_code == 200
        assert lines(shop) == []


class TestLimits:
    def test_a_hundred_different_skus(self, shop: APIClient, buyer: User, fill: Callable) -> None:
        (first,) = fill(1)
        one_more = SKUFactory()
        for sku_id in range(one_more.pk + 1, one_more.pk + 100):
            direct.put(sku_id, user=buyer.pk)
        for verb in (shop.post, shop.put):
            with unchanged():
                body = {"sku_id": one_more.pk, "count": 1, "selected": True}
                assert refused(verb(CART, body), status=409, code="cart_full")["limit"] == 100
        assert shop.post(CART, {"sku_id": first.pk, "count": 1}).status_code == 201
        shop.delete(CART, {"sku_id": first.pk})
        assert shop.post(CART, {"sku_id": one_more.pk, "count": 1}).status_code == 201

    def test_two_hundred_units_of_one(self, shop: APIClient) -> None:
        sku = SKUFactory(stock=500)
        assert shop.post(CART, {"sku_id": sku.pk, "count": 200}).status_code == 201
        with unchanged():
            answer = shop.post(CART, {"sku_id": sku.pk, "count": 1})
            assert refused(answer, status=409, code="too_many_units")["limit"] == 200

    def test_no_more_than_there_are(self, shop: APIClient, fill: Callable) -> None:
        (sku,) = fill(7)
        with unchanged():
            answer = shop.post(CART, {"sku_id": sku.pk, "count": 4})
            assert refused(answer, status=409, code="short_of_stock")["stock"] == 10
            answer = shop.put(CART, {"sku_id": sku.pk, "count": 11, "selected": True})
            refused(answer, status=409, code="short_of_stock")
        assert shop.post(CART, {"sku_id": sku.pk, "count": 3}).status_code == 201
        assert counts(shop) == {sku.pk: (10, True)}

    def test_nothing_of_what_is_sold_out(self, shop: APIClient) -> None:
        sku = SKUFactory(stock=0)
        with unchanged():
            answer = shop.post(CART, {"sku_id": sku.pk, "count": 1})
            refused(answer, status=409, code="short_of_stock")

    @pytest.mark.parametrize(("count", "selected"), [(8, True), (7, False), (2, True)])
    def test_a_line_that_became_short_can_be_mended(
        self, count: int, selected: bool, shop: APIClient, fill: Callable
    ) -> None:
        (sku,) = fill(8)
        SKU.objects.update(stock=3)
        answer = shop.put(CART, {"sku_id": sku.pk, "count": count, "selected": selected})
        assert answer.status_code == 200
        assert counts(shop) == {sku.pk: (count, selected)}

    def test_but_not_made_worse(self, shop: APIClient, fill: Callable) -> None:
        (sku,) = fill(8)
        SKU.objects.update(stock=3)
        with unchanged():
            answer = shop.put(CART, {"sku_id": sku.pk, "count": 9, "selected": True})
            refused(answer, status=409, code="short_of_stock")
            answer = shop.post(CART, {"sku_id": sku.pk, "count": 1})
            refused(answer, status=409, code="short_of_stock")


class TestWhatChangedMeanwhile:
    def test_only_the_lines_concerned_say_so(self, shop: APIClient, fill: Callable) -> None:
        repriced, short, withdrawn, fine = fill(2, 2, 2, 2)
        SKU.objects.filter(pk=repriced.pk).update(price=Decimal("55.00"))
        SKU.objects.filter(pk=short.pk).update(stock=1)
        SKU.objects.filter(pk=withdrawn.pk).update(is_launched=False)
        told = {
            line["id"]: (line["is_repriced"], line["is_short"], line["is_launched"])
            for line in lines(shop)
        }
        assert told == {
            repriced.pk: (True, False, True),
            short.pk: (False, True, True),
            withdrawn.pk: (False, False, False),
            fine.pk: (False, False, True),
        }

    def test_the_price_when_added_stays_until_it_is_added_again(
        self, shop: APIClient, fill: Callable
    ) -> None:
        (sku,) = fill(1)
        SKU.objects.update(price=Decimal("55.00"))
        shop.put(CART, {"sku_id": sku.pk, "count": 2, "selected": True})
        shop.put(SELECTION, {"selected": True})
        (line,) = lines(shop)
        assert (line["price"], line["added_price"], line["is_repriced"]) == ("55.00", "50.00", True)
        shop.post(CART, {"sku_id": sku.pk, "count": 1})
        (line,) = lines(shop)
        assert (line["price"], line["added_price"], line["is_repriced"]) == (
            "55.00",
            "55.00",
            False,
        )

    def test_stock_that_is_just_enough_is_not_short(self, shop: APIClient, fill: Callable) -> None:
        fill(4)
        SKU.objects.update(stock=4)
        assert lines(shop)[0]["is_short"] is False

    def test_a_sku_that_is_gone_altogether_is_not_shown(
        self, shop: APIClient, fill: Callable
    ) -> None:
        gone, sku = fill(1, 1)
        gone.delete()
        assert list(counts(shop)) == [sku.pk]


class TestTwoBuyers:
    def test_each_has_a_cart_of_their_own(
        self, shop: APIClient, stranger: User, fill: Callable
    ) -> None:
        sku, other = fill(2, 1)
        theirs = logged_in(stranger)
        assert lines(theirs) == []
        theirs.post(CART, {"sku_id": sku.pk, "count": 5})
        theirs.put(SELECTION, {"selected": False})
        theirs.delete(CART, {"sku_id": other.pk})
        assert counts(theirs) == {sku.pk: (5, False)}
        assert counts(shop) == {other.pk: (1, True), sku.pk: (2, True)}

    def test_nobody_has_none(self, api: APIClient) -> None:
        sku = SKUFactory()
        line = {"sku_id": sku.pk, "count": 1, "selected": True}
        with unchanged():
            for answer in (
                api.get(CART),
                api.post(CART, line),
                api.put(CART, line),
                api.delete(CART, line),
                api.put(SELECTION, line),
            ):
                refused(answer, status=401, code="not_authenticated")
