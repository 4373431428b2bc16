"""An unpaid order is canceled once, and what it held goes back on sale."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.orders.models import OrderInfo
from apps.orders.services import cancel_unpaid_order
from apps.users.models import Address
from tests.factories import OrderInfoFactory, SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

Status = OrderInfo.Status


def books(sku: SKU) -> tuple[int, int]:
    sku.refresh_from_db()
    return sku.stock, sku.sales


def test_it_is_canceled_once_and_every_line_goes_back() -> None:
    skus = [SKUFactory(stock=3), SKUFactory(stock=0)]
    order = OrderInfoFactory(skus=skus, status=Status.UNPAID)
    OrderInfoFactory(skus=skus)
    assert [books(sku) for sku in skus] == [(3, 2), (0, 2)]
    assert cancel_unpaid_order(order.pk) is True
    assert [books(sku) for sku in skus] == [(4, 1), (1, 1)]
    order.refresh_from_db()
    assert order.status == Status.CANCELED
    with unchanged():
        assert cancel_unpaid_order(order.pk) is False


@pytest.mark.parametrize("status", [each for each in Status if each != Status.UNPAID])
def test_only_an_order_that_waits_for_money(status: int) -> None:
    order = OrderInfoFactory(status=status)
    with unchanged():
        assert cancel_unpaid_order(order.pk) is False


def test_books_that_are_wrong_already_stay_as_they_are() -> None:
    """Sales never fall below zero, and half an order is not given back."""
    skus = [SKUFactory(), SKUFactory()]
    order = OrderInfoFactory(skus=skus, status=Status.UNPAID)
    SKU.objects.filter(pk=skus[1].pk).update(sales=0)
    with unchanged(), pytest.raises(RuntimeError, match=order.pk):
        cancel_unpaid_order(order.pk)


def test_nothing_is_never_everything() -> None:
    SKUFactory()
    with unchanged(), pytest.raises(ValueError, match="Nothing"):
        SKU.objects.give_back({})


@pytest.mark.parametrize(("pay_method", "minutes"), [(1, None), (2, 30)])
def test_how_long_an_order_waits(
    shop: APIClient, address: Address, pay_method: int, minutes: int | None
) -> None:
    assert settings.PAYMENT_MINUTES == 30
    shop.post("/api/v1/cart/", {"sku_id": SKUFactory().pk, "count": 1})
    shop.post("/api/v1/orders/", {"address": address.pk, "pay_method": pay_method})
    order = OrderInfo.objects.get()
    if minutes is None:
        assert order.expires_at is None
        return
    assert order.expires_at.microsecond == 0
    waits = (order.expires_at - order.create_time).total_seconds()
    assert 30 * 60 - 2 < waits <= 30 * 60


def test_orders_placed_before_orders_had_an_end() -> None:
    """Who has not paid yet is given the whole time once more; what was paid on delivery has no end."""
    on_line = {"pay_method": OrderInfo.PayMethod.ALIPAY}
    cash, old, waiting = (
        OrderInfoFactory(),
        OrderInfoFactory(**on_line),
        OrderInfoFactory(**on_line, status=Status.UNPAID),
    )
    long_ago = timezone.now() - timedelta(days=30)
    OrderInfo.objects.update(create_time=long_ago)
    migration = import_module("apps.orders.migrations.0004_when_open_orders_expire")
    migration.give_them_time(apps, None)
    ends = dict(OrderInfo.objects.values_list("pk", "expires_at"))
    assert ends[cash.pk] is None
    assert ends[old.pk] == long_ago + timedelta(minutes=30)
    assert timedelta(minutes=29) < ends[waiting.pk] - timezone.now() <= timedelta(minutes=30)
