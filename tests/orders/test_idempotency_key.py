"""The same Idempotency-Key is the same order, whatever the cart holds by now (ADR 0002)."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from apps.carts.store import keys
from apps.core.redis import connection
from apps.goods.models import SKU
from apps.orders import services
from apps.orders.models import OrderInfo
from apps.users.models import Address, User
from tests.conftest import logged_in
from tests.factories import AddressFactory, SKUFactory
from tests.orders.conftest import Crash, cart_of
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def test_a_key_gives_the_same_order_whatever_the_cart_holds(
    shop: APIClient, fill: Callable, place: Callable
) -> None:
    sku = SKUFactory()
    fill((sku, 1))
    first = place(key="k1").json()
    fill((sku, 2))
    with unchanged():
        assert place(key="k1").json() == first
    assert cart_of(shop) == {sku.pk: 2}


def test_a_key_outlives_redis(buyer: User, fill: Callable, place: Callable) -> None:
    fill((SKUFactory(), 1))
    first = place(key="k1").json()
    redis = connection("carts")
    redis.delete(*redis.scan_iter(keys.key(buyer.pk, "*")))
    assert place(key="k1").json() == first


def test_a_key_with_another_body_is_refused(
    address: Address, fill: Callable, place: Callable
) -> None:
    fill((SKUFactory(), 1))
    place(key="k1")
    fill((SKUFactory(), 1))
    other = AddressFactory(user=address.user)
    with unchanged():
        answer = place(key="k1", address=other.pk)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def forget_the_claim(buyer: User) -> None:
    """As when it has expired, or Redis has lost it."""
    redis = connection("carts")
    redis.delete(*redis.scan_iter(keys.key(buyer.pk, "request:*")))


def test_another_body_does_not_take_the_key_from_its_owner(
    buyer: User, address: Address, fill: Callable, place: Callable
) -> None:
    fill((SKUFactory(), 1))
    first = place(key="k1").json()
    fill((SKUFactory(), 1))
    forget_the_claim(buyer)
    with unchanged():
        assert place(key="k1", pay_method=1).status_code == 422
    assert place(key="k1").json() == first
    assert OrderInfo.objects.count() == 1


def test_keys_that_differ_in_case_are_two_keys(fill: Callable, place: Callable) -> None:
    sku = SKUFactory()
    fill((sku, 1))
    first = place(key="abcK").json()
    fill((sku, 1))
    assert place(key="ABCk").json() != first


def test_a_crash_before_clearing_is_finished_by_the_key(
    crash_before_clearing: Callable, buyer: User, shop: APIClient, fill: Callable, place: Callable
) -> None:
    fill((SKUFactory(), 2))
    with pytest.raises(Crash):
        place(key="k1")
    crash_before_clearing()
    forget_the_claim(buyer)
    assert place(key="k1").json() == {"order_id": OrderInfo.objects.get().pk}
    assert cart_of(shop) == {}


@pytest.mark.parametrize(("pay_method", "status"), [(2, 201), (1, 422)])
def test_a_key_that_redis_lost_while_it_is_worked_on(
    monkeypatch: pytest.MonkeyPatch,
    buyer: User,
    fill: Callable,
    place: Callable,
    pay_method: int,
    status: int,
) -> None:
    """The same key is used again before the first request has written anything; the unique key stops one of them."""
    sku = SKUFactory()
    fill((sku, 1))
    new_order_id, answers = services.new_order_id, []

    def meanwhile(*args: object, **kwargs: object) -> str:
        monkeypatch.setattr(services, "new_order_id", new_order_id)
        redis = connection("carts")
        redis.delete(*redis.scan_iter(keys.key(buyer.pk, "*")))
        fill((sku, 1))
        answers.append(place(key="k1"))
        return new_order_id(*args, **kwargs)

    monkeypatch.setattr(services, "new_order_id", meanwhile)
    late = place(key="k1", pay_method=pay_method)
    assert late.status_code == status
    assert OrderInfo.objects.count() == 1
    if status == 201:
        assert late.json() == answers[0].json()


def test_the_echo_is_for_the_same_terms_only(fill: Callable, place: Callable) -> None:
    fill((SKUFactory(), 1))
    place(pay_method=2)
    with unchanged():
        assert place(pay_method=1).json()["code"] == "empty_selection"


def test_another_key_that_was_given_the_same_order_is_remembered_too(
    fill: Callable, place: Callable
) -> None:
    """Every click of a storefront may bring a key of its own."""
    fill((SKUFactory(), 1))
    first = place(key="k1").json()
    assert place(key="k2").json() == first
    fill((SKUFactory(), 1))
    assert place(key="k2").json() == first
    assert place(key="k2", pay_method=1).status_code == 422
    assert place(key="k3").json() != first


def test_a_key_in_flight_is_told_to_wait(
    monkeypatch: pytest.MonkeyPatch, shop: APIClient, fill: Callable, place: Callable
) -> None:
    fill((SKUFactory(), 1))
    open_order, answers = services.open_order, []

    def meanwhile(*args: object, **kwargs: object) -> OrderInfo:
        with unchanged():
            answers.extend([place(key="k1"), place(key="k1", pay_method=1)])
        return open_order(*args, **kwargs)

    monkeypatch.setattr(services, "open_order", meanwhile)
    assert place(key="k1").status_code == 201
    same, another = answers
    assert (same.status_code, same.json()["code"]) == (409, "request_in_flight")
    assert same["Retry-After"] == "1"
    assert another.status_code == 422


def test_a_refused_key_may_try_again(fill: Callable, place: Callable) -> None:
    sku = SKUFactory(stock=1)
    fill((sku, 1))
    SKU.objects.update(stock=0)
    with unchanged():
        assert place(key="k1").status_code == 409
    SKU.objects.update(stock=1)
    assert place(key="k1").status_code == 201


def test_two_buyers_may_use_the_same_key(stranger: User, fill: Callable, place: Callable) -> None:
    sku = SKUFactory()
    fill((sku, 1))
    first = place(key="k1").json()
    theirs = logged_in(stranger)
    theirs.post("/api/v1/cart/", {"sku_id": sku.pk, "count": 1})
    second = theirs.post(
        "/api/v1/orders/",
        {"address": AddressFactory(user=stranger).pk, "pay_method": 2},
        headers={"Idempotency-Key": "k1"},
    )
    assert second.status_code == 201
    assert second.json() != first


@pytest.mark.parametrize("key", ["x" * 256, "café", "a\tb"])
def test_a_key_that_is_none(fill: Callable, place: Callable, key: str) -> None:
    fill((SKUFactory(), 1))
    with unchanged():
        assert place(key=key).status_code == 400
