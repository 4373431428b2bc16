"""The same cart or the same request, submitted again, is the same order (ADR 0002)."""

from collections.abc import Callable

import pytest
from redis.exceptions import RedisError
from rest_framework.test import APIClient

from apps.carts import store
from apps.carts.store import keys
from apps.core.redis import connection
from apps.orders import services
from apps.orders.models import OrderInfo
from apps.users.models import User
from tests.factories import SKUFactory
from tests.orders.conftest import Crash, cart_of
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def test_a_retry_after_a_lost_answer_gets_the_same_order(fill: Callable, place: Callable) -> None:
    fill((SKUFactory(), 2))
    first = place().json()
    with unchanged():
        assert place().json() == first


def test_a_changed_cart_is_another_order(shop: APIClient, fill: Callable, place: Callable) -> None:
    sku = SKUFactory()
    fill((sku, 1))
    first = place().json()["order_id"]
    fill((sku, 1))
    second = place().json()["order_id"]
    assert first != second
    shop.put("/api/v1/cart/selection/", {"selected": True})
    assert place().json()["order_id"] == second
    fill((sku, 1))
    shop.delete("/api/v1/cart/", {"sku_id": sku.pk})
    assert place().json()["code"] == "empty_selection"


def test_a_crash_before_clearing_gives_the_same_order(
    crash_before_clearing: Callable, shop: APIClient, fill: Callable, place: Callable
) -> None:
    # All there is: the order that the crash hides has taken the stock that a second one would need.
    sku = SKUFactory(stock=2)
    fill((sku, 2))
    with pytest.raises(Crash):
        place()
    order = OrderInfo.objects.get()
    crash_before_clearing()
    assert cart_of(shop) == {sku.pk: 2}
    assert place().json() == {"order_id": order.pk}
    assert cart_of(shop) == {}
    assert OrderInfo.objects.count() == 1
    sku.refresh_from_db()
    assert (sku.stock, sku.sales) == (0, 2)


def test_a_crash_is_finished_by_the_next_settlement(
    crash_before_clearing: Callable, shop: APIClient, fill: Callable, place: Callable
) -> None:
    ordered, unticked = SKUFactory(), SKUFactory()
    fill((ordered, 2), (unticked, 1))
    shop.put("/api/v1/cart/", {"sku_id": unticked.pk, "count": 1, "selected": False})
    with pytest.raises(Crash):
        place()
    crash_before_clearing()
    assert shop.get("/api/v1/orders/settlement/").json()["skus"] == []
    assert cart_of(shop) == {unticked.pk: 1}


def test_a_crash_is_finished_even_if_the_cart_changed_meanwhile(
    crash_before_clearing: Callable, shop: APIClient, fill: Callable, place: Callable
) -> None:
    sku, another = SKUFactory(stock=20), SKUFactory()
    fill((sku, 2))
    with pytest.raises(Crash):
        place()
    crash_before_clearing()
    fill((sku, 3), (another, 1))  # 2 of these 5 are bought already
    second = OrderInfo.objects.get(pk=place().json()["order_id"])
    assert dict(second.skus.values_list("sku_id", "count")) == {sku.pk: 3, another.pk: 1}
    assert cart_of(shop) == {}
    assert OrderInfo.objects.count() == 2


def test_units_added_while_the_order_was_placed_stay(
    monkeypatch: pytest.MonkeyPatch, shop: APIClient, fill: Callable, place: Callable
) -> None:
    sku, late = SKUFactory(), SKUFactory()
    fill((sku, 2))
    fill_order = services.fill_order

    def meanwhile(*args: object) -> None:
        fill((sku, 1), (late, 1))
        fill_order(*args)

    monkeypatch.setattr(services, "fill_order", meanwhile)
    order = OrderInfo.objects.get(pk=place().json()["order_id"])
    assert order.total_count == 2
    assert cart_of(shop) == {sku.pk: 1, late.pk: 1}


def test_what_is_being_ordered_is_not_ordered_again_in_a_changed_cart(
    monkeypatch: pytest.MonkeyPatch, fill: Callable, place: Callable
) -> None:
    """The second submit comes, with another stamp, before the first has written anything."""
    sku, another, answers = SKUFactory(), SKUFactory(), []
    fill((sku, 1))
    new_order_id = services.new_order_id

    def meanwhile(*args: object, **kwargs: object) -> str:
        monkeypatch.setattr(services, "new_order_id", new_order_id)
        fill((another, 1))
        answers.append(place())
        return new_order_id(*args, **kwargs)

    monkeypatch.setattr(services, "new_order_id", meanwhile)
    assert place().status_code == 201
    assert (answers[0].status_code, answers[0]["Retry-After"]) == (409, "1")
    second = OrderInfo.objects.get(pk=place().json()["order_id"])
    assert list(second.skus.values_list("sku_id", "count")) == [(another.pk, 1)]
    sku.refresh_from_db()
    assert sku.sales == 1


def test_ticking_what_is_ticked_does_not_make_another_cart_of_it(
    buyer: User, shop: APIClient, fill: Callable
) -> None:
    sku = SKUFactory()
    fill((sku, 2))
    before = store.read_ticked(buyer.pk).stamp
    shop.put("/api/v1/cart/selection/", {"selected": True})
    shop.put("/api/v1/cart/", {"sku_id": sku.pk, "count": 2, "selected": True})
    assert store.read_ticked(buyer.pk).stamp == before
    shop.put("/api/v1/cart/", {"sku_id": sku.pk, "count": 2, "selected": False})
    assert store.read_ticked(buyer.pk).stamp != before


def test_redis_that_dies_after_the_commit_does_not_lose_the_order(
    monkeypatch: pytest.MonkeyPatch, shop: APIClient, fill: Callable, place: Callable
) -> None:
    sku = SKUFactory()
    fill((sku, 1))
    real = keys.run

    def dead(name: str, *args: object, **kwargs: object) -> object:
        if name == "finish_placing":
            raise RedisError("connection lost")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(keys, "run", dead)
    answer = place()
    assert answer.status_code == 201
    monkeypatch.undo()
    assert shop.get("/api/v1/orders/settlement/").json()["skus"] == []
    assert OrderInfo.objects.count() == 1


def test_an_abandoned_marker_is_dropped_after_a_while(
    monkeypatch: pytest.MonkeyPatch, buyer: User, shop: APIClient, fill: Callable
) -> None:
    fill((SKUFactory(), 1))
    an_hour_ago = keys.now_ms() - 3_600_000
    monkeypatch.setattr(keys, "now_ms", lambda: an_hour_ago)
    store.begin_placing(buyer.pk)  # and the process was killed before it committed
    monkeypatch.undo()
    assert len(store.read_ticked(buyer.pk).unfinished) == 1
    assert len(shop.get("/api/v1/orders/settlement/").json()["skus"]) == 1
    assert store.read_ticked(buyer.pk).unfinished == {}


def test_a_cart_restored_from_an_old_backup_is_the_order_it_became(
    buyer: User, shop: APIClient, fill: Callable, place: Callable
) -> None:
    sku = SKUFactory()
    fill((sku, 1))
    redis = connection("carts")
    backup = {key: redis.dump(key) for key in redis.scan_iter(keys.key(buyer.pk, "*"))}
    first = place().json()
    for key, content in backup.items():
        redis.restore(key, 0, content, replace=True)
    assert place().json() == first
    assert OrderInfo.objects.count() == 1
