"""A hundred thousand orders run out of time at once: bounded memory, bounded runs, and none stalls the others."""

import tracemalloc
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.goods.models import SKU
from apps.orders.models import OrderGoods, OrderInfo, Status
from apps.orders.models.orders import LOOK_AGAIN
from apps.payment.services import cancel_overdue_orders, overdue
from apps.users.models import User
from tests.factories import SKUFactory

pytestmark = pytest.mark.django_db


def overdue_orders(buyer: User, many: int) -> SKU:
    """So many orders of one unit each, all past their time; their SKU."""
    sku = SKUFactory(stock=0, sales=many, opening_stock=many)
    past = timezone.now() - timedelta(hours=1)
    orders = [
        OrderInfo(
            order_id=f"{20260101080000:d}{number:010d}",
            user=buyer,
            cart_stamp=f"{number:032d}",
            receiver="王小美",
            mobile="13900000000",
            province="北京市",
            city="北京市",
            district="东城区",
            place="和平路1号",
            total_count=1,
            total_amount=sku.price,
            freight=0,
            pay_method=OrderInfo.PayMethod.ALIPAY,
            status=Status.UNPAID,
            expires_at=past + timedelta(seconds=number // 10),
        )
        for number in range(many)
    ]
    OrderInfo.objects.bulk_create(orders, batch_size=500)
    lines = [
        OrderGoods(order=order, sku=sku, name=sku.name, price=sku.price, count=1)
        for order in orders
    ]
    OrderGoods.objects.bulk_create(lines, batch_size=500)
    return sku


def test_all_of_them_in_one_run(buyer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sku = overdue_orders(buyer, 45)
    monkeypatch.setattr(overdue, "BATCH", 20)
    assert cancel_overdue_orders() == 45
    sku.refresh_from_db()
    assert (sku.stock, sku.sales) == (45, 0)
    call_command("audit")


def test_a_run_has_an_end_and_the_next_goes_on(buyer: User) -> None:
    overdue_orders(buyer, 5)
    ticks = count(step=20)
    assert cancel_overdue_orders(clock=lambda: next(ticks)) == 2
    assert cancel_overdue_orders() == 3


def test_what_another_worker_has_done_is_not_tried_again(
    buyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several share a batch; whoever is behind does not queue for each order of it."""
    overdue_orders(buyer, 3 * LOOK_AGAIN)
    real, tried = overdue.cancel_unpaid_order, []

    def cancel(order_id: str) -> bool:
        if not tried:
            monkeypatch.setattr(overdue, "cancel_unpaid_order", real)
            tried.append(order_id)
            assert cancel_overdue_orders() == 3 * LOOK_AGAIN
            monkeypatch.setattr(overdue, "cancel_unpaid_order", cancel)
        tried.append(order_id)
        return real(order_id)

    monkeypatch.setattr(overdue, "cancel_unpaid_order", cancel)
    assert cancel_overdue_orders() == 0
    assert len(tried) == 1 + LOOK_AGAIN


def test_each_worker_begins_elsewhere(buyer: User) -> None:
    overdue_orders(buyer, 50)
    late = OrderInfo.objects.overdue(timezone.now())
    first, second = (list(late.numbers_in_turn("expires_at", 50)) for _ in range(2))
    assert first != second
    assert sorted(first) == sorted(second)
    assert len(set(first)) == 50


def test_poisoned_ones_stall_nobody(buyer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    overdue_orders(buyer, 10)
    poisoned = set(OrderInfo.objects.order_by("expires_at", "pk").values_list("pk", flat=True)[:6])
    real = overdue.cancel_unpaid_order

    def fail(order_id: str, **about: Any) -> bool:
        if order_id in poisoned:
            raise RuntimeError(order_id)
        return real(order_id, **about)

    monkeypatch.setattr(overdue, "cancel_unpaid_order", fail)
    monkeypatch.setattr(overdue, "BATCH", 3)
    assert cancel_overdue_orders() == 4
    assert (
        set(OrderInfo.objects.filter(status=Status.UNPAID).values_list("pk", flat=True)) == poisoned
    )


def test_statements_grow_with_the_orders_alone(buyer: User) -> None:
    def statements(many: int) -> int:
        overdue_orders(buyer, many)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert cancel_overdue_orders() == many
        OrderGoods.objects.all().delete()
        OrderInfo.objects.all().delete()
        return len(seen)

    one, eleven = statements(1), statements(11)
    # The list; for each a savepoint and its end, the step, its event, its lines, their stock, and who is to be told.
    assert (one, eleven) == (1 + 7, 1 + 11 * 7)


def test_the_memory_of_one_batch(buyer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes to ten times as many holds no more of them."""
    overdue_orders(buyer, 5000)
    monkeypatch.setattr(overdue, "cancel_unpaid_order", lambda order_id: True)
    monkeypatch.setattr(overdue, "BATCH", 100)
    cancel_overdue_orders(clock=lambda: 0.0)
    tracemalloc.start()
    try:
        assert cancel_overdue_orders(clock=lambda: 0.0) == 5000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # A hundred pairs take some 20 KB, five thousand of them would take 800.
    assert peak < 400_000
