"""Finished answers in the cache: kept, renewed, read anew by one reader at a time, dispensable."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from apps.core.redis import connection
from apps.core.store import Page, Pages, pages
from tests.core.refusals import redis_down

shelf = Pages("test")


def reading(*bodies: str) -> Callable[[], Page]:
    """A page that reads differently every time; once more than that is an error."""
    left: Iterator[str] = iter(bodies)
    return lambda: Page(next(left).encode())


def shown(read: Callable[[], Page], address: str = "a") -> str:
    return shelf.get(address, read).body.decode()


def let_pass(seconds: int, address: str = "a") -> None:
    """As if the page had been kept so long ago."""
    redis = connection("default")
    redis.pexpire(shelf._key(address), redis.pttl(shelf._key(address)) - seconds * 1000)


def test_a_page_is_read_once_until_it_is_renewed() -> None:
    read = reading("old", "new")
    assert [shown(read), shown(read)] == ["old", "old"]
    shelf.renew()
    assert [shown(read), shown(read)] == ["new", "new"]


def test_every_address_has_its_own_page_and_all_are_renewed() -> None:
    first, second = reading("1", "2"), reading("3", "4")
    for wanted in (["1", "3"], ["1", "3"]):
        assert [shown(first, "a"), shown(second, "b")] == wanted
    shelf.renew()
    assert [shown(first, "a"), shown(second, "b")] == ["2", "4"]


def test_pages_of_another_kind_are_not_renewed() -> None:
    read = reading("old")
    shown(read)
    Pages("other").renew()
    assert shown(read) == "old"


def test_its_time_passes(settings: Any) -> None:
    read = reading("old", "new")
    shown(read)
    let_pass(settings.PAGE_CACHE_SECONDS - 1)
    assert shown(read) == "old"
    let_pass(2)
    assert shown(read) == "new"


def test_a_page_can_have_less_time_than_others() -> None:
    left = iter([Page(b"old", seconds=5), Page(b"new", seconds=5)])
    shelf.get("a", lambda: next(left))
    let_pass(6)
    assert shelf.get("a", lambda: next(left)).body == b"new"


def test_a_page_read_before_a_change_is_not_shown_after_it() -> None:
    def read() -> Page:
        shelf.renew()  # somebody commits after we have read
        return Page(b"old")

    shelf.get("a", read)
    assert shown(reading("new")) == "new"


def test_the_etag_is_the_contents() -> None:
    old, same, new = (shelf.get(address, reading(body)) for address, body in ("ax", "bx", "cy"))
    assert old.etag == same.etag != new.etag
    assert shelf.get("a", reading()).etag == old.etag


def test_a_refusal_is_not_kept() -> None:
    def refuse() -> Page:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            shelf.get("a", refuse)
    assert shown(reading("there now")) == "there now"


def test_every_key_has_its_time() -> None:
    shown(reading("page"))
    redis = connection("default")
    keys = list(redis.scan_iter("*pages:test*"))
    assert len(keys) == 2
    assert all(redis.ttl(each) > 0 for each in keys)


def test_with_no_time_at_all_nothing_is_kept(settings: Any) -> None:
    settings.PAGE_CACHE_SECONDS = 0
    read = reading("1", "2")
    assert [shown(read), shown(read)] == ["1", "2"]


def test_without_redis_it_is_read_every_time() -> None:
    read = reading("1", "2")
    with redis_down():
        assert [shown(read), shown(read)] == ["1", "2"]
        shelf.renew()


def test_one_trip_to_redis_for_a_kept_page(monkeypatch: pytest.MonkeyPatch) -> None:
    read = reading("page")
    shown(read)
    trips: list[Any] = []
    pool = connection("default").connection_pool.connection_class
    send = pool.send_packed_command
    monkeypatch.setattr(
        pool, "send_packed_command", lambda *args, **more: (trips.append(args), send(*args, **more))
    )
    assert shown(read) == "page"
    assert len(trips) == 1


class TestCrowd:
    """Many ask for the same page at the same time."""

    def crowd(self, read: Callable[[], Page]) -> list[str]:
        with ThreadPoolExecutor(8) as people:
            return list(people.map(lambda _: shown(read), range(8)))

    def test_one_reads_the_others_wait(self) -> None:
        arrived = threading.Event()

        def read() -> Page:
            assert not arrived.is_set(), "a second reader"
            arrived.set()
            threading.Event().wait(0.1)
            return Page(b"page")

        assert self.crowd(read) == ["page"] * 8

    def test_nobody_waits_for_a_page_whose_time_has_just_passed(self, settings: Any) -> None:
        shown(reading("old"))
        let_pass(settings.PAGE_CACHE_SECONDS + 1)
        others_served = threading.Event()

        def read() -> Page:
            assert others_served.wait(5)
            return Page(b"new")

        with ThreadPoolExecutor(1) as reader:
            first = reader.submit(shown, read)
            while not connection("default").exists(shelf._key("a", "claim")):
                pass
            assert [shown(reading()) for _ in range(3)] == ["old"] * 3
            others_served.set()
            assert first.result() == "new"

    def test_a_reader_that_died_is_not_waited_for_for_long(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pages, "POLL_SECONDS", 0.001)
        shown(reading("old"))
        connection("default").set(shelf._key("a", "claim"), "1", px=50)
        shelf.renew()
        assert shown(reading("new")) == "new"
