"""The audit names what was changed past the services: units, goods that came back, money that went back."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from apps.after_sales import services
from apps.after_sales.models import AfterSale
from apps.after_sales.selectors import after_sale_differences
from apps.goods.models import SKU, StockMovement
from apps.goods.services import restock
from apps.orders.models import OrderInfo
from apps.payment.models import Refund
from apps.payment.services import request_refund
from apps.users.models import User
from tests.after_sales.conftest import paid_order
from tests.factories import SKUFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(ask: Callable, operator: User) -> AfterSale:
    """Three units came back, of which two are sellable, and are refunded."""
    after_sale = AfterSale.objects.get(pk=ask(count=3).json()["id"])
    services.approve(after_sale.pk, by=operator)
    sellable = {after_sale.lines.get().pk: 2}
    services.receive_goods(after_sale.pk, sellable=sellable, by=operator)
    services.refund_approved(after_sale.pk, by=operator)
    call_command("audit")
    return AfterSale.objects.get(pk=after_sale.pk)


def found() -> list[str]:
    with pytest.raises(CommandError):
        call_command("audit")
    return list(after_sale_differences())


def test_more_asked_back_than_was_bought(returned: AfterSale, order: OrderInfo) -> None:
    line = returned.lines.get()
    returned.lines.update(count=4)
    assert found() == [f"order line {line.line_id} of order {order.pk}: 4 of 3 asked back"]


def test_fewer_booked_than_were_called_sellable(done: AfterSale) -> None:
    done.lines.update(sellable=3)
    sku = done.lines.get().line.sku_id
    assert found() == [
        f"after-sale {done}: 3 of SKU {sku} were called sellable, but 2 are booked as returned"
    ]


def test_booked_twice(done: AfterSale, operator: User) -> None:
    sku = done.lines.get().line.sku_id
    restock(sku, 2, author=operator, note=done.number)
    assert found() == [
        f"after-sale {done}: 2 of SKU {sku} were called sellable, but 4 are booked as returned"
    ]


def test_booked_before_anybody_said_so(returned: AfterSale, operator: User) -> None:
    sku = returned.lines.get().line.sku_id
    restock(sku, 1, author=operator, note=returned.number)
    assert found() == [
        f"after-sale {returned}: 0 of SKU {sku} were called sellable, but 1 are booked as returned"
    ]


def test_booked_to_another_sku(done: AfterSale) -> None:
    sku, other = done.lines.get().line.sku_id, SKUFactory()
    StockMovement.objects.update(sku=other)
    SKU.objects.filter(pk=other.pk).update(stock=F("stock") + 2)
    SKU.objects.filter(pk=sku).update(stock=F("stock") - 2)
    assert found() == [
        f"after-sale {done}: 2 of SKU {sku} were called sellable, but 0 are booked as returned",
        f"after-sale {done}: 2 of SKU {other.pk}, which it has no line of, are booked as returned",
    ]


def test_what_was_returned_without_a_request_is_nobodys_business(
    done: AfterSale, operator: User
) -> None:
    restock(done.lines.get().line.sku_id, 1, author=operator, note="拒收退回")
    call_command("audit")


def test_another_amount_was_refunded(done: AfterSale) -> None:
    AfterSale.objects.filter(pk=done.pk).update(amount_approved=Decimal("149.99"))
    assert found() == [
        f"after-sale {done}: 149.99 was approved, "
        f"and refund {done.refund} is another amount, or another order's"
    ]


def test_the_refund_of_another_order(done: AfterSale, buyer: User, operator: User) -> None:
    other = paid_order(buyer, operator)
    amount, key = Decimal("150.00"), done.refund_key
    others = request_refund(other.pk, amount=amount, reason="换", by=operator, key=key)
    AfterSale.objects.filter(pk=done.pk).update(refund=others)
    assert found() == [
        f"after-sale {done}: 150.00 was approved, "
        f"and refund {others} is another amount, or another order's",
        f"after-sale {done}: the refund under its key is not the one that it has",
    ]


def test_refunded_without_saying_so(returned: AfterSale, operator: User) -> None:
    key, amount = returned.refund_key, Decimal("50.00")
    request_refund(returned.order_id, amount=amount, reason="x", by=operator, key=key)
    assert found() == [
        f"after-sale {returned}: the refund under its key is not the one that it has"
    ]


def test_a_refund_that_is_not_its_own(done: AfterSale) -> None:
    Refund.objects.update(request_key="by hand")
    assert found() == [f"after-sale {done}: the refund under its key is not the one that it has"]
