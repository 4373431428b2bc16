"""Orders under way, crashes and outages while a visitor's cart is moved in: nothing is lost or doubled (ADR 0006)."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.carts import services, store
from apps.carts.exceptions import StillChanging
from apps.core.redis import connection
from apps.users.models import Address, User
from tests.carts import direct
from tests.carts.conftest import CART, counts, lines, log_in, visitor, visitors_keys
from tests.core.refusals import redis_down
from tests.factories import SKUFactory
from tests.world import carts

pytestmark = pytest.mark.django_db


class TestOrdersUnderWay:
    def test_an_order_drops_what_it_bought_and_no_more(
        self, api: APIClient, buyer: User, fill: Callable, choose: Callable
    ) -> None:
        (sku,) = fill(2)
        begun = store.begin_placing(buyer.pk).stamp
        choose((sku, 5), (SKUFactory(), 1))
        log_in(api, buyer)
        after = store.read_ticked(buyer.pk)
        assert after.unfinished.keys() == {begun}
        assert after.stamp not in {begun, ""}
        store.finish_placing(buyer.pk, begun)
        assert direct.units(buyer.pk)[sku.pk] == 3

    def test_what_changes_nothing_keeps_the_stamp(
        self, api: APIClient, buyer: User, fill: Callable, choose: Callable
    ) -> None:
        (sku,) = fill(2)
        before = direct.stamp(buyer.pk)
        choose((sku, 2))
        log_in(api, buyer)
        assert direct.stamp(buyer.pk) == before

    def test_the_merged_cart_can_be_ordered(
        self, api: APIClient, buyer: User, address: Address, choose: Callable
    ) -> None:
        choose((SKUFactory(), 2))
        token = log_in(api, buyer).json()["token"]
        api.credentials(HTTP_AUTHORIZATION=f"JWT {token}")
        assert api.get("/api/v1/orders/settlement/").json()["skus"][0]["count"] == 2
        answer = api.post("/api/v1/orders/", {"address": address.pk, "pay_method": 1})
        assert answer.status_code == 201
        assert lines(api) == []


class TestWhenItFails:
    def test_redis_away_does_not_keep_anyone_from_logging_in(
        self,
        api: APIClient,
        shop: APIClient,
        buyer: User,
        choose: Callable,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        sku = SKUFactory()
        choose((sku, 2))
        with redis_down("carts"), caplog.at_level(logging.ERROR):
            answer = log_in(api, buyer)
        assert not answer.cookies
        assert f"next login of user {buyer.pk}" in caplog.text
        assert api.cookies["cart"].value not in caplog.text
        assert lines(shop) == []
        log_in(api, buyer)
        assert counts(shop) == {sku.pk: (2, True)}

    def test_a_crash_before_the_visitor_s_cart_is_dropped_loses_and_doubles_nothing(
        self, api: APIClient, shop: APIClient, buyer: User, choose: Callable, monkeypatch: Any
    ) -> None:
        sku = SKUFactory()
        choose((sku, 2))

        def crash(*args: Any, **kwargs: Any) -> None:
            raise SystemExit

        monkeypatch.setattr(store, "discard", crash)
        with pytest.raises(SystemExit):
            services.move_in(visitor(api), buyer.pk)
        monkeypatch.undo()
        assert counts(api) == counts(shop) == {sku.pk: (2, True)}
        shop.delete(CART, {"sku_id": sku.pk})
        log_in(api, buyer)
        assert lines(shop) == []
        assert visitors_keys() == set()

    def test_what_the_visitor_added_after_such_a_crash_still_comes(
        self, api: APIClient, shop: APIClient, buyer: User, choose: Callable, monkeypatch: Any
    ) -> None:
        sku, later = SKUFactory(), SKUFactory()
        choose((sku, 2))
        monkeypatch.setattr(store, "discard", lambda *args, **kwargs: True)
        log_in(api, buyer)
        monkeypatch.undo()
        choose((later, 1))
        log_in(api, buyer)
        assert counts(shop) == {later.pk: (1, True), sku.pk: (2, True)}

    def test_a_change_in_another_tab_meanwhile_comes_along(
        self, api: APIClient, shop: APIClient, buyer: User, choose: Callable, monkeypatch: Any
    ) -> None:
        sku, late = SKUFactory(), SKUFactory()
        choose((sku, 2))
        move_in = store.move_in

        def and_then_add(*args: Any, **kwargs: Any) -> None:
            move_in(*args, **kwargs)
            monkeypatch.undo()
            direct.put(late.pk, user=visitor(api))

        monkeypatch.setattr(store, "move_in", and_then_add)
        log_in(api, buyer)
        assert counts(shop) == {late.pk: (1, True), sku.pk: (2, True)}

    def test_a_cart_that_never_holds_still_waits_for_the_next_login(
        self, api: APIClient, buyer: User, choose: Callable, monkeypatch: Any
    ) -> None:
        choose((SKUFactory(), 2))
        monkeypatch.setattr(store, "discard", lambda *args, **kwargs: False)
        with pytest.raises(StillChanging):
            services.move_in(visitor(api), buyer.pk)
        assert not log_in(api, buyer).cookies


class TestKeys:
    def test_a_visitor_s_share_a_slot_and_last_a_month(self, choose: Callable) -> None:
        choose((SKUFactory(), 1))
        own = [key for key in carts() if b"cart:" in key]
        tags = {key.split(b"{")[1].split(b"}")[0] for key in own}
        (tag,) = tags
        assert tag.startswith(b"anon:")
        assert {key.rsplit(b":")[-1] for key in own} == {b"lines", b"ticked", b"prices", b"stamp"}
        month = 30 * 24 * 60 * 60
        assert all(connection("carts").ttl(key) == pytest.approx(month, abs=5) for key in own)

    def test_what_was_moved_in_is_known_as_long_as_the_cart(
        self, api: APIClient, buyer: User, choose: Callable
    ) -> None:
        choose((SKUFactory(), 1))
        log_in(api, buyer)
        left = {
            key.decode().rsplit(":")[-1]: connection("carts").ttl(key)
            for key in carts()
            if f"cart:{{{buyer.pk}}}".encode() in key
        }
        half_a_year = pytest.approx(180 * 24 * 60 * 60, abs=5)
        names = ("lines", "ticked", "prices", "stamp", "moved_in")
        assert left == dict.fromkeys(names, half_a_year)


def test_moving_in_costs_three_round_trips_and_one_query(
    api: APIClient,
    buyer: User,
    choose: Callable,
    round_trips: list[int],
    django_assert_num_queries: Any,
) -> None:
    for size in (1, 10):  # the first sends the scripts
        choose(*((SKUFactory(), 1) for _ in range(size)))
        guest = visitor(api)
        round_trips.clear()
        with django_assert_num_queries(1):
            services.move_in(guest, buyer.pk)
        del api.cookies["cart"]
    assert len(round_trips) == 3
