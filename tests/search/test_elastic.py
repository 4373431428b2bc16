"""The engine on a search server, against one that checks what it is sent. No real one has been tried."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings
from redis.exceptions import LockError
from rest_framework.test import APIClient

from apps.goods import services as goods
from apps.goods.models import SKUChange
from apps.search import services, store
from apps.search.exceptions import SearchUnavailable
from apps.search.gateways import engine
from apps.search.gateways.base import Asked, Filters
from apps.search.gateways.elastic import ElasticEngine
from apps.search.gateways.elastic import engine as of_a_server
from tests.core.refusals import refused
from tests.factories import SKUFactory
from tests.search.conftest import document
from tests.search.fake_server import Server, running
from tests.search.test_relevance import (
    BOOK,
    CASE,
    HUAWEI,
    IPHONE,
    LAPTOP,
    RICE,
    SHOP,
    SONY,
    TEA_BOX,
    XIAOMI,
    XIAOMI_SMALL,
)
from tests.search.test_search import SUGGESTIONS, URL, ids


@pytest.fixture(scope="module")
def one_server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def server(one_server: Server) -> Server:
    """Empty, and in order."""
    for kept in (one_server.indexes, one_server.fields, one_server.alias, one_server.asked):
        kept.clear()
    one_server.broken = None
    return one_server


@pytest.fixture
def stored(server: Server) -> ElasticEngine:
    """The shop of the relevance tests."""
    engine = ElasticEngine(server.url)
    engine.rebuild(SHOP)
    return engine


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("龙井", {TEA_BOX}),
        ("茶", {TEA_BOX}),
        ("小米手机", {XIAOMI, XIAOMI_SMALL, CASE}),
        ("iphone15", {IPHONE}),
        ("256 GB", {XIAOMI}),
        ("xmsj", {XIAOMI, XIAOMI_SMALL}),
        ("xiaomi 岩灰", {XIAOMI_SMALL}),
        ("小秘", {XIAOMI, XIAOMI_SMALL}),
        ("笔记木电脑", {LAPTOP}),
        ("huawie", {HUAWEI}),
        ("thinkp", {LAPTOP}),
        ("头耳机", {SONY}),
        ("shengxian", {TEA_BOX, RICE}),
        ("火星车", set()),
        ("!!!", set()),
    ],
)
def test_the_same_is_found(text: str, wanted: set[int], stored: ElasticEngine) -> None:
    found = stored.search(Asked(text))
    assert (set(found.ids), found.count) == (wanted, len(wanted))


def test_orderings_and_pages(server: Server) -> None:
    engine = ElasticEngine(server.url)
    engine.rebuild(document(n, "杯", price=Decimal(n % 3 + 1), sales=n) for n in range(1, 6))
    asked = Asked("杯", ordering="price", limit=2)
    pages = [engine.search(replace(asked, offset=offset)).ids for offset in (0, 2, 4)]
    assert pages == [[3, 1], [4, 2], [5]]
    assert engine.search(Asked("", limit=2)).ids == [5, 4]


def test_filters_and_facets(stored: ElasticEngine) -> None:
    silver, grey = ("颜色", "亮银"), ("颜色", "岩灰")
    chosen = Filters(specs={"颜色": ("亮银",)}, min_price=Decimal("49.99"), max_price=Decimal(50))
    assert stored.search(Asked("小米", chosen)).ids == [XIAOMI]
    assert stored.search(Asked("小米", Filters(brands=(424242,)))).ids == []
    facets = stored.facets(Asked("小米手机", chosen))
    assert (facets.count, facets.prices) == (1, (Decimal(50), Decimal(50)))
    assert facets.specs["颜色"] == {silver[1]: 1, grey[1]: 1}
    assert facets.specs["版本"] == {"12GB+256GB": 1}
    assert list(facets.brands.values()) == list(facets.categories.values()) == [1]
    assert stored.facets(Asked("火星车")).count == 0


def test_stock(stored: ElasticEngine) -> None:
    stored.index([document(number, "杯", in_stock=number > 702) for number in (701, 702, 703)], [])
    assert stored.search(Asked("杯", Filters(in_stock=True))).ids == [703]
    assert stored.facets(Asked("杯", Filters(in_stock=True))).count == 1
    assert stored.sold_out(1, 701) == {701}
    assert stored.sold_out(702, 5000) == {702}


def test_what_changed_during_a_rebuild_is_in_the_new_index(stored: ElasticEngine) -> None:
    stored.rebuild(
        [document(1, "白瓷杯"), document(2, "白瓷杯")],
        catch_up=lambda: ([document(1, "青瓷杯")], [2]),
    )
    assert (stored.search(Asked("青瓷")).ids, stored.search(Asked("白瓷")).ids) == ([1], [])


def test_suggestions(stored: ElasticEngine) -> None:
    wanted = ["小米", "小米 智能手机", "小米15 Pro 5G手机"]
    for text in ("小米", "xm", "小密"):
        assert sorted(stored.suggest(text, 10)) == sorted(wanted)
    assert stored.suggest("6.5", 10) == stored.suggest("", 10) == []


def test_a_document_replaces_the_one_before(stored: ElasticEngine) -> None:
    stored.index([document(TEA_BOX, "紫砂壶")], gone=[BOOK, 424242])
    assert stored.search(Asked("龙井")).ids == []
    assert stored.search(Asked("紫砂")).ids == [TEA_BOX]
    assert stored.search(Asked("精装")).ids == []


def test_a_rebuild_takes_the_place_of_the_old_index(
    server: Server, stored: ElasticEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_a_server, "BATCH", 2)
    server.indexes["meiduo-0123456789ab"] = {}  # of a rebuild that was killed
    server.indexes["meiduo-orders"] = {}  # somebody else's
    seen = []

    def documents() -> Iterator[Any]:
        for number in range(5):
            seen.append(stored.search(Asked("龙井")).count)
            yield document(number, "新杯")

    stored.rebuild(documents())
    assert seen == [1] * 5
    assert stored.search(Asked("新杯")).count == 5
    assert set(server.indexes) == {server.alias["meiduo"], "meiduo-orders"}


def test_without_the_alias_nothing_is_written(server: Server) -> None:
    """The server would make an index of that name, without our mapping."""
    with pytest.raises(SearchUnavailable):
        ElasticEngine(server.url).index([document(1, "杯")], gone=[])
    assert server.indexes == {}


def test_a_document_that_is_refused_is_not_passed_over(
    server: Server, stored: ElasticEngine
) -> None:
    del server.fields[server.alias["meiduo"]]["caption"]
    with pytest.raises(SearchUnavailable):
        stored.index([document(1, "杯")], gone=[])


@pytest.mark.parametrize(
    "url", ["http://host:9200", "http://host/", "http://host/A", "http://h/a*"]
)
def test_an_address_without_an_alias(url: str) -> None:
    with pytest.raises(ValueError, match="SEARCH_URL"):
        ElasticEngine(url)


@pytest.fixture
def shared(settings: Settings, server: Server) -> Iterator[Server]:
    """The shop searches on the server."""
    settings.SEARCH_URL = server.url
    engine.cache_clear()
    yield server
    engine.cache_clear()


@pytest.mark.django_db
class TestShop:
    def test_a_change_is_found(self, api: APIClient, shared: Server) -> None:
        cup = SKUFactory(name="白瓷杯")
        services.rebuild()
        cup.name = "青瓷杯"
        goods.describe_sku(cup, ["name"])
        assert services.index_changes() == 1
        assert ids(api.get(URL, {"text": "青瓷"})) == [cup.pk]

    def test_only_one_process_of_all_machines_writes(self, shared: Server) -> None:
        services.rebuild()
        goods.announce([1])
        with store.turn(wait=False) as renew:
            assert renew
            assert services.index_changes() == 0
            renew()
        assert SKUChange.objects.count() == 1
        assert services.index_changes() == 1

    def test_a_turn_that_was_lost_is_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(store, "SECONDS", 0.01)
        with store.turn(wait=False) as renew:
            monkeypatch.setattr(store, "SECONDS", 60)
            with store.turn(wait=True):
                assert renew
                with pytest.raises(LockError):
                    renew()

    @pytest.mark.parametrize(
        "broken", [(500, {}), (503, "<html>"), (200, "<html>"), (401, {}), (429, {}), "gone"]
    )
    def test_a_server_out_of_order_is_503_for_search_alone(
        self, broken: Any, api: APIClient, shared: Server, settings: Settings
    ) -> None:
        services.rebuild()
        if broken == "gone":
            settings.SEARCH_URL = "http://127.0.0.1:1/meiduo"
            engine.cache_clear()
        else:
            shared.broken = broken
        for url in (URL, f"{URL}facets/", SUGGESTIONS):
            refused(api.get(url, {"text": "杯"}), status=503, code="search_unavailable")
        goods.announce([1])
        with pytest.raises(SearchUnavailable):
            services.index_changes()
        assert SKUChange.objects.count() == 1


def test_no_password_stands_in_the_log(server: Server, caplog: Any) -> None:
    server.broken = 500, {}
    with pytest.raises(SearchUnavailable):
        ElasticEngine(server.url).search(Asked("杯"))
    assert "Search is out of order" in caplog.text
    assert "secret" not in caplog.text
    assert json.dumps(server.asked) == '["POST /meiduo/_search"]'
