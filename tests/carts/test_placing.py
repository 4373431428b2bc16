"""Lending a cart's lines for an order and clearing them afterwards, exactly once (ADR 0002)."""

import pytest

from apps.carts import store
from tests.carts.direct import ANNA, BERT, BOOK, CASE, PHONE, keys, put, ticked, units
from tests.core.refusals import redis_down
from tests.world import carts


class TestFinishing:
    def test_what_was_ordered_goes_and_the_rest_stays(self) -> None:
        put(PHONE, 2)
        put(CASE)
        put(BOOK, 5, ticked=False)
        begun = store.begin_placing(ANNA).stamp
        assert store.finish_placing(ANNA, begun)
        assert units() == {BOOK: 5}
        assert ticked() == frozenset()

    def test_what_was_added_meanwhile_stays(self) -> None:
        put(PHONE, 2)
        put(CASE, 1)
        begun = store.begin_placing(ANNA).stamp
        put(PHONE, 3)
        put(BOOK, 4)
        store.finish_placing(ANNA, begun)
        assert units() == {PHONE: 3, BOOK: 4}
        assert ticked() == {PHONE, BOOK}

    @pytest.mark.parametrize("count", [1, 2])
    def test_what_was_lowered_meanwhile_is_gone(self, count: int) -> None:
        put(PHONE, 2)
        begun = store.begin_placing(ANNA).stamp
        put(PHONE, count, on_top=False)
        store.finish_placing(ANNA, begun)
        assert units() == {}
        assert keys() == {f"cart:{{{ANNA}}}:{name}" for name in ("stamp", "placed")}

    def test_what_was_removed_meanwhile_does_not_come_back(self) -> None:
        put(PHONE, 2)
        begun = store.begin_placing(ANNA).stamp
        store.remove(ANNA, PHONE)
        store.finish_placing(ANNA, begun)
        assert units() == {}

    def test_it_happens_once(self) -> None:
        put(PHONE, 2)
        begun = store.begin_placing(ANNA).stamp
        put(PHONE, 5)
        store.finish_placing(ANNA, begun)
        before = carts()
        store.finish_placing(ANNA, begun)
        assert carts() == before
        assert units() == {PHONE: 5}

    def test_another_buyer_s_cart_is_left_alone(self) -> None:
        for user in (ANNA, BERT):
            put(PHONE, user=user)
        store.finish_placing(ANNA, store.begin_placing(ANNA).stamp)
        assert (units(ANNA), units(BERT)) == ({}, {PHONE: 1})

    def test_without_redis_it_says_no_and_can_be_done_later(self) -> None:
        put(PHONE)
        begun = store.begin_placing(ANNA).stamp
        with redis_down():
            assert store.finish_placing(ANNA, begun) is False
        assert units() == {PHONE: 1}
        assert store.finish_placing(ANNA, begun) is True
        assert units() == {}


class TestPlaced:
    def test_the_cart_remembers_which_order_left_it_so(self) -> None:
        put(PHONE)
        begun = store.begin_placing(ANNA).stamp
        assert store.read_ticked(ANNA).placed is None
        store.finish_placing(ANNA, begun)
        assert store.read_ticked(ANNA).placed == begun
        assert store.begin_placing(ANNA).placed == begun

    def test_until_it_is_changed(self) -> None:
        put(PHONE)
        store.finish_placing(ANNA, store.begin_placing(ANNA).stamp)
        put(CASE, ticked=False)
        assert store.read_ticked(ANNA).placed is None


class TestUnfinished:
    def test_a_marker_stays_whatever_happens_to_the_cart(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(store.keys, "now_ms", lambda: 1_750_000_000_123)
        put(PHONE, 2)
        begun = store.begin_placing(ANNA).stamp
        put(CASE)
        assert store.read_ticked(ANNA).unfinished == {begun: 1_750_000_000_123}
        store.finish_placing(ANNA, begun)
        assert store.read_ticked(ANNA).unfinished == {}
        assert units() == {CASE: 1}

    def test_two_orders_begun_from_two_states_of_a_cart(self) -> None:
        put(PHONE, 2)
        first = store.begin_placing(ANNA).stamp
        put(PHONE, 3)
        second = store.begin_placing(ANNA).stamp
        assert store.read_ticked(ANNA).unfinished.keys() == {first, second}
        store.abandon_placing(ANNA, second)
        store.finish_placing(ANNA, first)
        assert store.read_ticked(ANNA).unfinished == {}
        assert units() == {PHONE: 3}

    def test_the_last_who_lets_go_removes_it(self) -> None:
        put(PHONE)
        begun = {store.begin_placing(ANNA).stamp for _ in range(3)}
        assert len(begun) == 1
        (begun_once,) = begun
        for still_there in ({begun_once}, {begun_once}, set(), set()):
            store.abandon_placing(ANNA, begun_once)
            assert store.read_ticked(ANNA).unfinished.keys() == still_there
        assert units() == {PHONE: 1}

    def test_one_of_two_gives_up_and_the_other_still_clears_the_cart(self) -> None:
        put(PHONE)
        begun = store.begin_placing(ANNA).stamp
        assert store.begin_placing(ANNA).stamp == begun
        store.abandon_placing(ANNA, begun)
        store.finish_placing(ANNA, begun)
        assert units() == {}

    def test_markers_can_be_forgotten(self) -> None:
        put(PHONE)
        first = store.begin_placing(ANNA).stamp
        put(PHONE)
        second = store.begin_placing(ANNA).stamp
        put(PHONE)
        third = store.begin_placing(ANNA).stamp
        store.forget_placing(ANNA, [first, third])
        assert store.read_ticked(ANNA).unfinished.keys() == {second}
        store.finish_placing(ANNA, first)
        assert units() == {PHONE: 3}


class TestClaims:
    def test_one_request_at_a_time_holds_a_key(self) -> None:
        put(PHONE)
        first = store.begin_placing(ANNA, request_key="r1", digest="one")
        assert first.claimed is None
        assert [line.sku_id for line in first.lines] == [PHONE]
        second = store.begin_placing(ANNA, request_key="r1", digest="two")
        assert second == store.Selection("", (), {}, None, "one", None)

    def test_a_refused_request_holds_no_marker(self) -> None:
        put(PHONE)
        begun = store.begin_placing(ANNA, request_key="r1", digest="one").stamp
        store.begin_placing(ANNA, request_key="r1", digest="two")
        store.abandon_placing(ANNA, begun, request_key="r1")
        assert store.read_ticked(ANNA).unfinished == {}

    def test_letting_go_frees_the_key_and_finishing_does_not(self) -> None:
        put(PHONE)
        begun = store.begin_placing(ANNA, request_key="r1", digest="one").stamp
        store.abandon_placing(ANNA, begun, request_key="r1")
        begun = store.begin_placing(ANNA, request_key="r1", digest="one")
        assert begun.claimed is None
        store.finish_placing(ANNA, begun.stamp)
        assert store.begin_placing(ANNA, request_key="r1", digest="one").claimed == "one"

    def test_other_keys_and_other_buyers_are_free(self) -> None:
        for user in (ANNA, BERT):
            put(PHONE, user=user)
        store.begin_placing(ANNA, request_key="r1", digest="one")
        assert store.begin_placing(ANNA, request_key="r2", digest="one").claimed is None
        assert store.begin_placing(BERT, request_key="r1", digest="two").claimed is None
