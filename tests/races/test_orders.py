"""Many buyers at once, on a database that locks rows, with a control that shows the bug each guard is there for."""

from collections import Counter
from collections.abc import Collection
from functools import partial

import pytest
from django.core.management import call_command
from django.db import transaction
from rest_framework.response import Response

from apps.goods.models import SKU, SKUQuerySet, Wanted
from apps.orders import services
from apps.orders.models import OrderGoods, OrderInfo
from apps.orders.selectors import Basket
from apps.users.models import Address
from tests.conftest import logged_in
from tests.factories import AddressFactory, SKUFactory
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

BUYERS = 60


def ready_to_order(address: Address, *skus: SKU, count: int = 1) -> partial[Response]:
    """A buyer with these SKUs in the cart, about to submit it."""
    client = logged_in(address.user)
    for sku in skus:
        client.post("/api/v1/cart/", {"sku_id": sku.pk, "count": count})
    body = {"address": address.pk, "pay_method": 1}
    return partial(client.post, "/api/v1/orders/", body)


def everybody_orders(*skus: SKU) -> Counter:
    """Every buyer orders one of each SKU, every other one in the opposite order; how often which answer."""
    addresses = [AddressFactory(place=f"{n}") for n in range(BUYERS)]
    calls = [
        ready_to_order(address, *(skus if n % 2 else reversed(skus)))
        for n, address in enumerate(addresses)
    ]
    return Counter(answer.status_code for answer in together(*calls))


@pytest.mark.parametrize("units", [60, 10])
def test_exactly_what_is_there_is_sold(units: int, lost: list[Exception]) -> None:
    hot, other = SKUFactory(stock=units), SKUFactory(stock=1000)
    assert everybody_orders(hot, other) == Counter({201: units, 409: BUYERS - units})
    hot.refresh_from_db()
    other.refresh_from_db()
    assert (hot.stock, hot.sales) == (0, units)
    assert (other.stock, other.sales) == (1000 - units, units)
    assert lost == []
    call_command("audit")


def read_check_save(self: SKUQuerySet, wanted: Collection[Wanted]) -> bool:
    """What a beginner writes: look whether there is enough, then write down what is left."""
    for line in wanted:
        sku = self.get(pk=line.sku_id)
        if sku.stock < line.count:
            return False
        sku.stock -= line.count
        sku.sales += line.count
        sku.save()
    return True


def test_control_read_check_save_oversells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SKUQuerySet, "take", read_check_save)
    hot = SKUFactory(stock=10)
    sold = everybody_orders(hot)[201]
    assert sold > 10, "this harness would not see an oversold SKU"


def lines_first(order: OrderInfo, basket: Basket) -> None:
    """The order that seems natural: write the lines, then take the stock, in the buyer's order."""
    for line in basket.lines:
        OrderGoods.objects.create(
            order=order, sku_id=line.sku.id, price=line.price, count=line.count
        )
        with transaction.atomic():
            SKU.objects.take([Wanted(line.sku.id, line.count, line.price)])


def test_control_lines_before_stock_deadlock(
    monkeypatch: pytest.MonkeyPatch, lost: list[Exception]
) -> None:
    monkeypatch.setattr(services, "fill_order", lines_first)
    everybody_orders(SKUFactory(stock=1000), SKUFactory(stock=1000))
    assert lost, "this harness would not see a deadlock"


def test_one_cart_submitted_eight_times_is_one_order(address: Address) -> None:
    sku = SKUFactory(stock=10)
    submit = ready_to_order(address, sku, count=2)
    answers = together(*[submit] * 8)
    assert [answer.status_code for answer in answers] == [201] * 8
    assert {answer.json()["order_id"] for answer in answers} == {OrderInfo.objects.get().pk}
    sku.refresh_from_db()
    assert (sku.stock, sku.sales) == (8, 2)
    assert logged_in(address.user).get("/api/v1/cart/").json() == []
    call_command("audit")


def test_control_without_the_stamp_one_cart_is_several_orders(
    monkeypatch: pytest.MonkeyPatch, address: Address
) -> None:
    open_order = services.open_order

    def stampless(buyer: object, basket: Basket, **terms: object) -> OrderInfo:
        return open_order(buyer, Basket(terms["order_id"], basket.lines), **terms)

    monkeypatch.setattr(services, "open_order", stampless)
    submit = ready_to_order(address, SKUFactory(stock=100))
    together(*[submit] * 8)
    assert OrderInfo.objects.count() > 1, "this harness would not see a double order"


def test_one_idempotency_key_eight_times_is_one_order(address: Address) -> None:
    submit = partial(ready_to_order(address, SKUFactory()), headers={"Idempotency-Key": "k1"})
    answers = together(*[submit] * 8)
    assert OrderInfo.objects.count() == 1
    for answer in answers:
        if answer.status_code == 201:
            assert answer.json() == {"order_id": OrderInfo.objects.get().pk}
        else:
            assert (answer.status_code, answer["Retry-After"]) == (409, "1")


def test_the_last_units_go_to_orders_that_can_have_all_their_lines() -> None:
    """Nobody keeps half an order: what a refused buyer had taken is there for the others."""
    scarce, scarcer = SKUFactory(stock=30), SKUFactory(stock=7)
    assert everybody_orders(scarce, scarcer) == Counter({201: 7, 409: BUYERS - 7})
    assert list(SKU.objects.order_by("stock").values_list("stock", flat=True)) == [0, 23]
    call_command("audit")
