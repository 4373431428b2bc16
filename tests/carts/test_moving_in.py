"""Who logs in brings the cart along that they filled before (ADR 0006)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.carts import store
from apps.goods.models import SKU
from apps.users.models import Address, User
from tests.carts import direct
from tests.carts.conftest import CART, LOGIN, counts, lines, log_in, visitors_keys
from tests.conftest import logged_in
from tests.core.refusals import refused
from tests.factories import SKUFactory
from tests.world import carts

pytestmark = pytest.mark.django_db


class TestMerging:
    def test_the_visitor_s_units_and_ticks_win(
        self, api: APIClient, shop: APIClient, buyer: User, fill: Callable, choose: Callable
    ) -> None:
        both, own, ticked_off = fill(5, 2, 1)
        new = SKUFactory()
        choose((both, 3), (new, 4))
        choose((ticked_off, 1), selected=False)
        log_in(api, buyer)
        assert counts(shop) == {
            both.pk: (3, True),
            own.pk: (2, True),
            ticked_off.pk: (1, False),
            new.pk: (4, True),
        }

    def test_a_tick_taken_off_by_the_buyer_comes_back(
        self, api: APIClient, shop: APIClient, buyer: User, fill: Callable, choose: Callable
    ) -> None:
        (sku,) = fill(2)
        shop.put(CART, {"sku_id": sku.pk, "count": 2, "selected": False})
        choose((sku, 2))
        log_in(api, buyer)
        assert counts(shop) == {sku.pk: (2, True)}

    def test_the_cookie_goes_and_the_visitor_s_cart_with_it(
        self, api: APIClient, buyer: User, choose: Callable
    ) -> None:
        choose((SKUFactory(), 1))
        assert visitors_keys()
        cookie = log_in(api, buyer).cookies["cart"]
        assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", 0, "/")
        assert visitors_keys() == set()

    def test_it_happens_once(
        self, api: APIClient, shop: APIClient, buyer: User, choose: Callable
    ) -> None:
        """The course's shop merged twice, as it authenticated twice."""
        sku = SKUFactory()
        choose((sku, 2))
        again = APIClient()
        again.cookies["cart"] = api.cookies["cart"].value
        log_in(api, buyer)
        shop.put(CART, {"sku_id": sku.pk, "count": 7})
        log_in(again, buyer)
        assert counts(shop) == {sku.pk: (7, True)}

    def test_a_wrong_password_merges_nothing(
        self, api: APIClient, buyer: User, choose: Callable
    ) -> None:
        sku = SKUFactory()
        choose((sku, 1))
        answer = api.post(LOGIN, {"username": "buyer", "password": "wrong"})
        refused(answer, status=400, code="wrong_credentials")
        assert not answer.cookies
        assert counts(api) == {sku.pk: (1, True)}

    def test_without_a_cookie_there_is_nothing_to_do(self, api: APIClient, buyer: User) -> None:
        assert not log_in(api, buyer).cookies

    @pytest.mark.parametrize("value", ["", "x", "A" * 43])
    def test_a_cookie_that_leads_nowhere_just_goes(
        self, value: str, shop: APIClient, buyer: User, fill: Callable
    ) -> None:
        (sku,) = fill(2)
        client = APIClient()
        client.cookies["cart"] = value
        before = carts()
        assert log_in(client, buyer).cookies["cart"]["max-age"] == 0
        assert {key for key in carts() if b"cart:" in key} == {
            key for key in before if b"cart:" in key
        }
        assert counts(shop) == {sku.pk: (2, True)}

    def test_an_emptied_cart_takes_nothing_away(
        self, api: APIClient, shop: APIClient, buyer: User, fill: Callable, choose: Callable
    ) -> None:
        (sku,) = fill(2)
        choose((sku, 1))
        api.delete(CART, {"sku_id": sku.pk})
        log_in(api, buyer)
        assert counts(shop) == {sku.pk: (2, True)}
        assert visitors_keys() == set()


class TestWhatDoesNotFit:
    def test_units_are_cut_to_the_stock(
        self, api: APIClient, shop: APIClient, buyer: User, choose: Callable
    ) -> None:
        sku = SKUFactory(stock=9)
        choose((sku, 9))
        SKU.objects.update(stock=4)
        log_in(api, buyer)
        assert counts(shop) == {sku.pk: (4, True)}

    def test_units_do_not_add_up_beyond_any_limit(
        self, api: APIClient, shop: APIClient, buyer: User, choose: Callable
    ) -> None:
        sku = SKUFactory(stock=200)
        shop.post(CART, {"sku_id": sku.pk, "count": 150})
        choose((sku, 200))
        log_in(api, buyer)
        assert counts(shop) == {sku.pk: (200, True)}

    def test_the_hundredth_sku_is_the_last_and_the_newest_come_first(
        self, api: APIClient, shop: APIClient, buyer: User, fill: Callable, choose: Callable
    ) -> None:
        (own,) = fill(1)
        old, newer, newest = (SKUFactory() for _ in range(3))
        for sku_id in range(newest.pk + 1, newest.pk + 98):
            direct.put(sku_id, user=buyer.pk)
        choose((old, 1), (newer, 1), (own, 3), (newest, 1))
        log_in(api, buyer)
        # Of the others there are no rows; they are not shown.
        assert counts(shop) == {newest.pk: (1, True), own.pk: (3, True), newer.pk: (1, True)}
        assert len(store.read(buyer.pk).lines) == 100

    def test_what_was_withdrawn_or_sold_out_stays_without_a_tick(
        self, api: APIClient, shop: APIClient, buyer: User, choose: Callable
    ) -> None:
        """A line that vanishes is a surprise, and one that is ticked would stand in the way of every order."""
        withdrawn, sold_out, gone = (SKUFactory() for _ in range(3))
        choose((withdrawn, 2), (sold_out, 3), (gone, 1))
        SKU.objects.filter(pk=withdrawn.pk).update(is_launched=False)
        SKU.objects.filter(pk=sold_out.pk).update(stock=0)
        gone.delete()
        log_in(api, buyer)
        assert counts(shop) == {sold_out.pk: (1, False), withdrawn.pk: (2, False)}
        assert {line.sku_id for line in store.read(buyer.pk).lines} == {sold_out.pk, withdrawn.pk}


class TestPrices:
    def test_the_price_shown_moves_along(
        self, api: APIClient, shop: APIClient, buyer: User, choose: Callable
    ) -> None:
        sku = SKUFactory(price=Decimal("50.00"))
        choose((sku, 1))
        SKU.objects.update(price=Decimal("45.50"))
        log_in(api, buyer)
        (line,) = lines(shop)
        assert (line["price"], line["added_price"], line["price_drop"]) == (
            "45.50",
            "50.00",
            "4.50",
        )
        assert line["is_repriced"] is True

    @pytest.mark.parametrize("first", ["buyer", "visitor"])
    def test_the_price_seen_last_counts(
        self, first: str, api: APIClient, shop: APIClient, buyer: User, monkeypatch: Any
    ) -> None:
        sku = SKUFactory(price=Decimal("50.00"))
        line = {"sku_id": sku.pk, "count": 1}
        order = [shop, api] if first == "buyer" else [api, shop]
        for moment, client in enumerate(order):
            monkeypatch.setattr(store.keys, "now_ms", lambda moment=moment: 1_000 + moment)
            client.post(CART, line)
            SKU.objects.update(price=Decimal("55.00"))
        log_in(api, buyer)
        assert lines(shop)[0]["added_price"] == "55.00"

    def test_a_price_nobody_was_shown_refuses_the_order(
        self, api: APIClient, buyer: User, address: Address, choose: Callable
    ) -> None:
        choose((SKUFactory(), 1))
        log_in(api, buyer)
        SKU.objects.update(price=Decimal("99.00"))
        body = {"address": address.pk, "pay_method": 1}
        answer = logged_in(buyer).post("/api/v1/orders/", body)
        refused(answer, status=409, code="lines_refused")


def test_two_buyers_carts_stay_apart(
    api: APIClient, shop: APIClient, buyer: User, stranger: User, fill: Callable, choose: Callable
) -> None:
    fill(1)
    choose((SKUFactory(), 1))
    before = counts(shop)
    log_in(api, stranger)
    assert counts(shop) == before
    assert len(lines(logged_in(stranger))) == 1
