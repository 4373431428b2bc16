"""Units that come back, and every other movement, in the books."""

import pytest
from django.core.management import call_command

from apps.goods import services
from apps.goods.exceptions import (
    NothingToCorrect,
    StockChanged,
    StockWouldBeNegative,
    StockWouldBeTooMuch,
)
from apps.goods.models import SKU, StockMovement
from apps.orders.models import OrderInfo
from apps.users.models import User
from tests.factories import SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def test_what_a_buyer_sent_back_is_sold_again_and_stays_sold(order: OrderInfo, buyer: User) -> None:
    """The order's line goes on counting as sold; the movement stands beside it."""
    sku = order.skus.get().sku
    stock, sales = sku.stock, sku.sales
    moved = services.restock(sku.pk, 1, author=buyer, note="七天无理由")
    sku.refresh_from_db()
    assert (sku.stock, sku.sales) == (stock + 1, sales)
    assert (moved.change, moved.reason, moved.stock_after) == (1, "return", stock + 1)
    call_command("audit")


def test_no_more_than_can_be_is_moved(buyer: User) -> None:
    sku = SKUFactory(stock=10)
    with unchanged():
        with pytest.raises(StockWouldBeNegative):
            services.write_off_stock(sku.pk, 11, author=buyer)
        with pytest.raises(StockWouldBeTooMuch):
            services.restock(sku.pk, 1_000_000_000, author=buyer)
        with pytest.raises(StockChanged):
            services.correct_stock(sku.pk, counted=0, seen=11, last_movement=0, author=buyer)
        with pytest.raises(NothingToCorrect):
            services.correct_stock(sku.pk, counted=10, seen=10, last_movement=0, author=buyer)


def test_a_correction_knows_the_last_movement(buyer: User) -> None:
    sku = SKUFactory(stock=10)
    last = services.receive_stock(sku.pk, 5, author=buyer).pk
    services.receive_stock(SKUFactory().pk, 5, author=buyer)
    with unchanged(), pytest.raises(StockChanged):
        services.correct_stock(sku.pk, counted=9, seen=15, last_movement=0, author=buyer)
    services.correct_stock(sku.pk, counted=9, seen=15, last_movement=last, author=buyer)
    assert SKU.objects.get(pk=sku.pk).stock == 9
    assert list(StockMovement.objects.filter(sku=sku).values_list("change", flat=True)) == [-6, 5]
    call_command("audit")
