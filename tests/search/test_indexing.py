"""How a change in the catalogue gets into the index, and what happens when the index is not there."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from rest_framework.test import APIClient
from tantivy import SchemaBuilder

from apps.core.tasks import run_command
from apps.goods import services as goods
from apps.goods.models import SKU, SKUChange
from apps.goods.models.change import SKUChangeQuerySet
from apps.search import selectors, services
from apps.search.gateways import engine
from apps.search.gateways.base import Asked, Filters
from apps.search.gateways.embedded import engine as of_the_shop
from tests.core.refusals import refused
from tests.factories import SKUFactory
from tests.search.conftest import document
from tests.search.test_search import SUGGESTIONS, URL, ids, search

pytestmark = pytest.mark.django_db


@pytest.fixture
def cup(index: Path) -> SKU:
    """A SKU that the index knows."""
    sku = SKUFactory(name="白瓷杯", price=Decimal(30))
    services.rebuild()
    return sku


def index_changes() -> None:
    """What beat has a worker do."""
    run_command.delay("index_changes")


def under(price: int) -> list[int]:
    """What is found for less, by the index alone."""
    return engine().search(Asked("白瓷杯", Filters(max_price=Decimal(price)))).ids


class TestChanges:
    def test_beat_asks_for_them_every_two_seconds_in_a_queue_of_its_own(self) -> None:
        entry = settings.CELERY_BEAT_SCHEDULE["index-changes"]
        assert (entry["task"], entry["args"]) == ("core.run_command", ["index_changes"])
        # Two to be asked, and two for one that was busy: within five.
        assert entry["schedule"] == timedelta(seconds=2)
        assert entry["options"] == {"queue": "search", "expires": 2}

    def test_a_new_price(self, cup: SKU) -> None:
        cup.price = Decimal(9)
        goods.describe_sku(cup, ["price"])
        assert under(10) == []
        index_changes()
        assert under(10) == [cup.pk]
        assert SKUChange.objects.count() == 0

    def test_a_new_name(self, cup: SKU, api: APIClient) -> None:
        cup.name = "青瓷杯"
        goods.describe_sku(cup, ["name"])
        index_changes()
        assert (search(api, text="白瓷"), search(api, text="青瓷")) == ([], [cup.pk])

    def test_withdrawn_and_launched_again(self, cup: SKU) -> None:
        for launched in (False, True):
            goods.put_on_sale(SKU.objects.all(), launched=launched)
            index_changes()
            assert engine().search(Asked("白瓷杯")).count == int(launched)

    def test_a_new_sku(self, cup: SKU, api: APIClient) -> None:
        new = SKUFactory.build(name="紫砂壶", goods=cup.goods)
        goods.open_sku(new)
        index_changes()
        assert search(api, text="zisha") == [new.pk]

    def test_a_sku_that_is_gone(self, cup: SKU) -> None:
        goods.announce([cup.pk, 424242])
        SKU.objects.all().delete()
        index_changes()
        assert engine().search(Asked("白瓷杯")).ids == []
        assert SKUChange.objects.count() == 0

    def test_nothing_to_do_does_not_write(
        self, cup: SKU, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setattr(of_the_shop, "write", None)
        with django_assert_num_queries(3):
            index_changes()

    def test_what_is_noted_meanwhile_stays(self, cup: SKU, monkeypatch: pytest.MonkeyPatch) -> None:
        """The SKU is changed a second time after the first change was read."""
        goods.announce([cup.pk])
        read, changes = selectors.documents, iter([Decimal(9)])

        def changed_meanwhile(sku_ids: Any) -> Any:
            documents = read(sku_ids)
            for price in changes:
                SKU.objects.update(price=price)
                goods.announce([cup.pk])
            return documents

        monkeypatch.setattr(selectors, "documents", changed_meanwhile)
        monkeypatch.setattr(services, "MOST_BATCHES", 1)
        index_changes()
        assert (under(10), SKUChange.objects.count()) == ([], 1)
        index_changes()
        assert (under(10), SKUChange.objects.count()) == ([cup.pk], 0)

    def test_killed_between_index_and_database_it_is_indexed_once_more(
        self, cup: SKU, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        SKU.objects.update(price=Decimal(9))
        goods.announce([cup.pk])
        with monkeypatch.context() as crash:
            crash.setattr(SKUChangeQuerySet, "forget", _interrupt)
            with pytest.raises(KeyboardInterrupt):
                services.index_changes()
        assert (under(10), SKUChange.objects.count()) == ([cup.pk], 1)
        index_changes()
        assert (under(10), SKUChange.objects.count()) == ([cup.pk], 0)

    def test_many_are_taken_in_batches(self, cup: SKU, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "BATCH", 2)
        monkeypatch.setattr(services, "MOST_BATCHES", 2)
        goods.announce([cup.pk] * 5)
        assert services.index_changes() == 4
        assert services.index_changes() == 1
        assert services.index_changes() == 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def somebody_writes(directory: Path) -> Iterator[None]:
    with (directory / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_a_second_writer_leaves_it_to_the_first(cup: SKU, index: Path) -> None:
    goods.announce([cup.pk])
    with somebody_writes(index):
        assert services.index_changes() == 0
    assert SKUChange.objects.count() == 1
    assert services.index_changes() == 1


class TestRebuild:
    def test_searches_see_the_old_index_until_the_new_one_is_whole(
        self, cup: SKU, api: APIClient
    ) -> None:
        SKUFactory(name="白瓷杯 二")
        seen = []
        services.rebuild(lambda _: seen.append(len(search(api, text="白瓷杯"))))
        assert seen == [1, 1]
        assert len(search(api, text="白瓷杯")) == 2

    def test_one_that_fails_leaves_the_old_index(self, cup: SKU, api: APIClient) -> None:
        with pytest.raises(KeyboardInterrupt):
            services.rebuild(_interrupt)
        assert search(api, text="白瓷杯") == [cup.pk]

    def test_changes_of_that_time_are_found_during_it_and_after_it(
        self, cup: SKU, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Rows were read for the new index before they changed."""
        monkeypatch.setattr(services, "FOLLOW_SECONDS", 0)
        last, seen = SKUFactory(name="白瓷杯 二"), []

        def change(_: int) -> None:
            seen.append(under(10))
            SKU.objects.filter(pk=cup.pk).update(price=Decimal(9))
            SKU.objects.filter(pk=last.pk).update(is_launched=False)
            goods.announce([cup.pk, last.pk])
            index_changes()  # leaves it: the rebuild writes

        services.rebuild(change)
        assert seen == [[], [cup.pk]]
        assert (under(10), engine().search(Asked("白瓷杯")).ids) == ([cup.pk], [cup.pk])

    def test_where_there_was_no_index_changes_of_that_time_wait(
        self, cup: SKU, index: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
    ) -> None:
        monkeypatch.setattr(services, "FOLLOW_SECONDS", 0)
        shutil.rmtree(index)
        services.rebuild(lambda _: goods.announce([cup.pk]))
        assert (SKUChange.objects.count(), caplog.text) == (1, "")

    def test_the_old_index_may_break_meanwhile(
        self, cup: SKU, index: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "FOLLOW_SECONDS", 0)

        def damage(_: int) -> None:
            (index / "current").unlink()
            goods.announce([cup.pk])

        services.rebuild(damage)
        assert engine().search(Asked("白瓷杯")).ids == [cup.pk]
        assert services.index_changes() == 1

    def test_old_indexes_are_removed(self, cup: SKU, index: Path) -> None:
        (index / "index-of-one-that-was-killed").mkdir()
        services.rebuild()
        services.rebuild()
        assert len(list(index.glob("index-*"))) == 1

    def test_it_reads_in_batches(self, cup: SKU, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(selectors, "BATCH", 2)
        for number in range(4):
            SKUFactory(name=f"白瓷杯 {number}")
        assert services.rebuild() == 5
        assert engine().search(Asked("白瓷杯")).count == 5

    def test_if_missing_it_leaves_one_that_is_there(self, cup: SKU, index: Path) -> None:
        before = (index / "current").read_text()
        call_command("rebuild_index", if_missing=True, verbosity=0)
        assert (index / "current").read_text() == before
        for damage in (shutil.rmtree, scribble):
            damage(index)
            engine.cache_clear()
            call_command("rebuild_index", if_missing=True, verbosity=0)
            assert engine().search(Asked("白瓷杯")).ids == [cup.pk]

    def test_every_night_it_brings_sales_up_to_date(self, cup: SKU, api: APIClient) -> None:
        entry = settings.CELERY_BEAT_SCHEDULE["rebuild-index"]
        assert (entry["args"], entry["options"]) == (["rebuild_index"], {"queue": "search"})
        dearer = SKUFactory(name="白瓷杯 二", sales=1)
        run_command.delay("rebuild_index")
        SKU.objects.filter(pk=cup.pk).update(sales=5)
        assert search(api, text="白瓷杯", ordering="-sales") == [dearer.pk, cup.pk]
        run_command.delay("rebuild_index")
        assert search(api, text="白瓷杯", ordering="-sales") == [cup.pk, dearer.pk]


class TestStock:
    """Orders tell the index nothing: it looks."""

    def in_stock(self) -> list[int]:
        return engine().search(Asked("白瓷杯", Filters(in_stock=True))).ids

    def test_sold_out_and_back(self, cup: SKU) -> None:
        assert self.in_stock() == [cup.pk]
        for stock, found in ((0, []), (3, [cup.pk]), (0, [])):
            SKU.objects.update(stock=stock)
            index_changes()
            assert self.in_stock() == found
        assert engine().search(Asked("白瓷杯")).ids == [cup.pk]

    def test_every_stretch_of_ids_has_its_turn(
        self, cup: SKU, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "SWEEP", max(cup.pk, 2))
        late = SKUFactory(pk=2 * services.SWEEP, name="白瓷杯 二")
        services.rebuild()
        for stock in (0, 1):
            SKU.objects.update(stock=stock)
            index_changes()
            assert len(self.in_stock()) == 1
            index_changes()
            assert len(self.in_stock()) == 2 * stock
        assert set(self.in_stock()) == {cup.pk, late.pk}

    def test_a_rebuild_knows_it(self, cup: SKU) -> None:
        SKU.objects.update(stock=0)
        services.rebuild()
        assert self.in_stock() == []


def scribble(directory: Path) -> None:
    """Write into the middle of every file of the index."""
    for file in directory.rglob("*.*"):
        if file.suffix in {".idx", ".term", ".fast", ".pos", ".store"}:
            content = bytearray(file.read_bytes())
            content[len(content) // 3] ^= 0xFF
            _replace(file, bytes(content))


def empty(directory: Path) -> None:
    for file in directory.rglob("*.fast"):
        _replace(file, b"")


def _replace(file: Path, content: bytes) -> None:
    """A new file: the old one is mapped into this process, which would die of reading where there is no more file."""
    file.unlink()
    file.write_bytes(content)


def lose(directory: Path) -> None:
    for file in directory.rglob("*.term"):
        file.unlink()


def garble(directory: Path) -> None:
    for file in directory.rglob("meta.json"):
        file.write_text("{")


def misname(directory: Path) -> None:
    (directory / "current").write_text("index-of-nobody")


class TestDamage:
    @pytest.mark.parametrize("damage", [shutil.rmtree, scribble, empty, lose, garble, misname])
    def test_search_alone_is_503_until_it_is_rebuilt(
        self, damage: Any, cup: SKU, index: Path, api: APIClient, caplog: Any
    ) -> None:
        engine.cache_clear()  # as in a process that starts now
        damage(index)
        for url in (URL, SUGGESTIONS):
            answer = api.get(url, {"text": "白瓷杯"})
            body = refused(answer, status=503, code="search_unavailable")
            assert answer["Retry-After"] == "30"
            assert "rebuild_index" not in str(body)
        assert "manage.py rebuild_index" in caplog.text
        category = api.get(f"/api/v1/categories/{cup.category_id}/skus/")
        assert (category.status_code, category.json()["count"]) == (200, 1)

        goods.announce([cup.pk])
        index_changes()
        assert SKUChange.objects.count() == 1, "it waits"
        call_command("rebuild_index", verbosity=0)
        index_changes()
        assert ids(api.get(URL, {"text": "白瓷杯"})) == [cup.pk]
        assert SKUChange.objects.count() == 0

    def test_an_index_of_other_fields_is_as_good_as_none(
        self, cup: SKU, api: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As after an update of the shop."""
        older = SchemaBuilder().add_text_field("name").build()
        with monkeypatch.context() as before_the_update:
            before_the_update.setattr(of_the_shop, "schema", lambda: older)
            before_the_update.setattr(of_the_shop, "write", lambda index, documents, gone: None)
            engine().rebuild([])
        refused(api.get(URL, {"text": "白瓷杯"}), status=503, code="search_unavailable")
        call_command("rebuild_index", if_missing=True, verbosity=0)
        assert search(api, text="白瓷杯") == [cup.pk]

    def test_a_panic_of_the_engine_is_an_outage(
        self, cup: SKU, api: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class PanicException(BaseException):
            """What a panic of Rust looks like."""

        def panic(*_: object) -> None:
            raise PanicException

        monkeypatch.setattr(of_the_shop, "first_step_that_finds", panic)
        refused(api.get(URL, {"text": "白瓷杯"}), status=503, code="search_unavailable")

    def test_it_is_said_once(self, cup: SKU, index: Path, api: APIClient, caplog: Any) -> None:
        shutil.rmtree(index)
        for _ in range(3):
            api.get(URL, {"text": "白瓷杯"})
        assert caplog.text.count("rebuild_index") == 1
        services.rebuild()
        api.get(URL, {"text": "白瓷杯"})
        shutil.rmtree(index)
        api.get(URL, {"text": "白瓷杯"})
        assert caplog.text.count("rebuild_index") == 2


def test_another_process_sees_what_was_committed(cup: SKU, index: Path) -> None:
    other = of_the_shop.EmbeddedEngine(index)
    assert other.search(Asked("青瓷")).ids == []
    engine().index([document(7, "青瓷杯")], gone=[cup.pk])
    assert (other.search(Asked("青瓷")).ids, other.search(Asked("白瓷")).ids) == ([7], [])
    engine().rebuild([document(8, "青瓷碗")])
    assert other.search(Asked("青瓷")).ids == [8]
