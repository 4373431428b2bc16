"""A buyer's cart through HTTP: every verb, and its limits."""

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
                "default_image_url": "http://testserver/media/skus/a.png",
                "count": 2,
                "selected": True,
                "added_price": "1234.50",
                "is_repriced": False,
                "price_drop": "0.00",
                "stock": 10,
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
            answer = shop.put(CART, {"sku_id": sku.pk, "count": count, "selected": ticked})
            assert answer.status_code == status
            if status == 409:
                refused(answer, status=409, code="withdrawn")
        assert counts(shop) == {sku.pk: (2, False)}

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


class TestTickingOne:
    def test_it_needs_no_count(self, shop: APIClient, fill: Callable) -> None:
        sku, other = fill(2, 1)
        for selected in (False, False, True, True):
            answer = shop.put(SELECTION, {"selected": selected, "sku_id": sku.pk})
            assert (answer.status_code, answer.json()) == (200, {"message": "OK"})
            assert counts(shop) == {other.pk: (1, True), sku.pk: (2, selected)}

    def test_only_a_change_makes_another_cart(
        self, shop: APIClient, buyer: User, fill: Callable
    ) -> None:
        """The stamp is what an order is placed under (ADR 0002)."""
        (sku,) = fill(2)
        before = direct.stamp(buyer.pk)
        shop.put(SELECTION, {"selected": True, "sku_id": sku.pk})
        assert direct.stamp(buyer.pk) == before
        shop.put(SELECTION, {"selected": False, "sku_id": sku.pk})
        assert direct.stamp(buyer.pk) != before

    def test_what_is_not_in_the_cart(self, shop: APIClient, fill: Callable) -> None:
        fill(1)
        other = SKUFactory()
        with unchanged():
            for sku_id in (other.pk, 424242, 2**63 - 1):
                for selected in (True, False):
                    answer = shop.put(SELECTION, {"selected": selected, "sku_id": sku_id})
                    assert refused(answer, status=404, code="not_in_cart")["sku_id"] == sku_id

    def test_a_withdrawn_one_can_only_be_unticked(self, shop: APIClient, fill: Callable) -> None:
        (sku,) = fill(2)
        SKU.objects.update(is_launched=False)
        shop.put(SELECTION, {"selected": False, "sku_id": sku.pk})
        assert counts(shop) == {sku.pk: (2, False)}
        with unchanged():
            answer = shop.put(SELECTION, {"selected": True, "sku_id": sku.pk})
            refused(answer, status=409, code="withdrawn")


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
