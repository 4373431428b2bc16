"""The cart's keys in Redis, its stamp and its limits (ADR 0002)."""

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from apps.carts import store
from apps.core.redis import connection
from tests.carts.direct import ANNA, BERT, BOOK, CASE, PHONE, keys, put, stamp
from tests.world import carts


class TestKeys:
    def test_they_carry_the_prefix_and_one_slot_per_buyer(self) -> None:
        put(PHONE)
        put(PHONE, user=BERT)
        store.begin_placing(ANNA, request_key="r1", digest="d")
        store.finish_placing(ANNA, stamp())
        put(PHONE)
        store.begin_placing(ANNA)
        names = ("lines", "ticked", "prices", "stamp")
        others = ("placing", "placed", "request:r1")
        assert settings.REDIS_PREFIX
        assert all(key.decode().startswith(settings.REDIS_PREFIX) for key in carts())
        assert keys() == {
            *(f"cart:{{{ANNA}}}:{name}" for name in names + others),
            *(f"cart:{{{BERT}}}:{name}" for name in names),
        }

    def test_none_of_them_stays_for_ever(self) -> None:
        put(PHONE)
        store.begin_placing(ANNA, request_key="r1", digest="d")
        store.finish_placing(ANNA, stamp())
        put(CASE)
        store.begin_placing(ANNA)
        store.tick_all(ANNA, ticked=False)
        store.tick_all(ANNA, ticked=True)
        left = {key.rsplit(b":")[-1]: connection("carts").ttl(key) for key in carts()}
        half_a_year = 180 * 24 * 60 * 60
        assert {name: pytest.approx(seconds, abs=5) for name, seconds in left.items()} == {
            b"lines": half_a_year,
            b"ticked": half_a_year,
            b"prices": half_a_year,
            b"stamp": half_a_year,
            b"placing": half_a_year,
            b"placed": 600,
            b"r1": 60,
        }

    @pytest.mark.parametrize(
        "change",
        [
            lambda: put(PHONE),
            lambda: store.remove(ANNA, CASE),
            lambda: store.tick(ANNA, PHONE, ticked=False),
            lambda: store.tick_all(ANNA, ticked=False),
            lambda: store.tick_all(ANNA, ticked=True),
        ],
        ids=["add", "remove", "untick", "untick all", "tick all"],
    )
    def test_a_change_begins_the_half_year_anew(self, change: Any) -> None:
        put(PHONE)
        put(CASE)
        put(BOOK, ticked=False)
        redis = connection("carts")
        for key in carts():
            redis.expire(key, 100)
        change()
        assert all(redis.ttl(key) > 1000 for key in carts())

    def test_an_emptied_cart_leaves_but_its_stamp(self) -> None:
        put(PHONE)
        store.remove(ANNA, PHONE)
        assert keys() == {f"cart:{{{ANNA}}}:stamp"}


class TestStamp:
    @pytest.mark.parametrize(
        "change",
        [
            lambda: put(PHONE),
            lambda: put(BOOK),
            lambda: put(PHONE, 7, on_top=False),
            lambda: put(PHONE, 2, on_top=False, ticked=False),
            lambda: store.remove(ANNA, PHONE),
            lambda: store.tick_all(ANNA, ticked=False),
            lambda: store.finish_placing(ANNA, store.begin_placing(ANNA).stamp),
        ],
        ids=["add", "add another", "replace", "untick", "remove", "untick all", "order"],
    )
    def test_every_change_replaces_it(self, change: Any) -> None:
        put(PHONE, 2)
        put(CASE)
        before = stamp()
        change()
        assert stamp() != before
        assert len(stamp()) == 32

    @pytest.mark.parametrize(
        "look",
        [
            lambda: store.read(ANNA),
            lambda: store.read_ticked(ANNA),
            lambda: store.show_prices(ANNA, {PHONE: Decimal("55.00")}),
            lambda: store.begin_placing(ANNA),
            lambda: store.abandon_placing(ANNA, store.begin_placing(ANNA).stamp),
            lambda: store.finish_placing(ANNA, "never begun"),
            lambda: store.remove(ANNA, 404),
            lambda: put(PHONE, 1001),
            lambda: put(PHONE, user=BERT),
        ],
        ids=[
            "read",
            "read ticked",
            "show prices",
            "begin",
            "abandon",
            "finish nothing",
            "remove nothing",
            "refused",
            "another buyer's",
        ],
    )
    def test_whatever_changes_nothing_keeps_it(self, look: Any) -> None:
        put(PHONE, 2)
        before = stamp()
        look()
        assert stamp() == before

    def test_a_cart_that_lost_its_stamp_gets_one_when_it_is_ordered(self) -> None:
        put(PHONE)
        connection("carts").delete(*(key for key in carts() if key.endswith(b":stamp")))
        assert stamp() == ""
        begun = store.begin_placing(ANNA).stamp
        assert len(begun) == 32
        assert stamp() == begun

    def test_an_empty_selection_begins_nothing(self) -> None:
        put(PHONE, ticked=False)
        before = carts()
        selection = store.begin_placing(ANNA)
        assert (selection.lines, carts()) == ((), before)
        assert store.begin_placing(BERT) == store.Selection("", (), {}, None, None, None)
        assert carts() == before


class TestSelection:
    def test_only_what_is_ticked_newest_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for moment, (sku_id, is_ticked) in enumerate(((PHONE, True), (BOOK, False), (CASE, True))):
            monkeypatch.setattr(store.keys, "now_ms", lambda moment=moment: moment)
            put(sku_id, 2, ticked=is_ticked, price=Decimal("9.90"))
        store.show_prices(ANNA, {CASE: Decimal("10.50")})
        assert store.read_ticked(ANNA).lines == (
            store.Line(CASE, 2, 2, Decimal("9.90"), Decimal("10.50")),
            store.Line(PHONE, 2, 0, Decimal("9.90"), Decimal("9.90")),
        )

    def test_a_tick_without_a_line_is_nothing(self) -> None:
        put(PHONE)
        put(CASE)
        connection("carts").hdel(f"{settings.REDIS_PREFIX}cart:{{{ANNA}}}:lines", CASE)
        assert [line.sku_id for line in store.begin_placing(ANNA).lines] == [PHONE]

    def test_a_line_that_lost_its_note_of_prices_matches_none_until_one_is_shown(self) -> None:
        put(PHONE)
        connection("carts").delete(f"{settings.REDIS_PREFIX}cart:{{{ANNA}}}:prices")
        assert store.read_ticked(ANNA).lines[0].shown_price == 0
        store.show_prices(ANNA, {PHONE: Decimal("50.00")})
        assert store.read_ticked(ANNA).lines[0].shown_price == Decimal("50.00")


class TestPutting:
    def test_the_limits_count_from_one(self) -> None:
        assert put(PHONE, 200) == 200
        assert put(PHONE, 1) == "too_many"
        assert put(CASE, 5, stock=4) == "short"
        assert put(CASE, 4, stock=4) == 4
        assert put(CASE, 1, stock=4) == "short"
        assert put(CASE, 3, stock=0, on_top=False) == 3

    def test_the_hundred_and_first_sku(self) -> None:
        for sku_id in range(100, 200):
            assert put(sku_id) == 1
        assert put(PHONE) == "full"
        assert put(100) == 2
        store.remove(ANNA, 101)
        assert put(PHONE) == 1

    def test_scripts_that_a_server_forgot_are_sent_again(self) -> None:
        put(PHONE)
        connection("carts").script_flush()
        assert put(PHONE) == 2
