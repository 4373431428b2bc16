"""The audit names every difference and exits 1; on a sound shop it is clean."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.goods.services import move_stock
from apps.orders.models import OrderGoods, OrderInfo
from apps.payment.models import Payment, PaymentEvent
from apps.users.models import Address, User
from tests.factories import SKUFactory
from tests.payment.conftest import Alipay

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(order: OrderInfo, pay_link: str, alipay: Alipay, buyer: User) -> OrderInfo:
    alipay.tell(order)
    move_stock(order.skus.get().sku_id, 5, reason="receipt", author=buyer)
    SKUFactory()
    call_command("audit")
    return order


def test_it_adds_up_to_the_fen_on_every_database(
    shop: APIClient, address: Address, order: OrderInfo
) -> None:
    """In binary fractions 3 × 19.90 is not 59.70."""
    for n, (price, count) in enumerate([("19.90", 3), ("0.07", 3), ("136.87", 6), ("1577.14", 9)]):
        sku = SKUFactory(price=price, stock=50)
        shop.post("/api/v1/cart/", {"sku_id": sku.pk, "count": count})
        shop.post("/api/v1/orders/", {"address": address.pk, "pay_method": 1})
        assert OrderInfo.objects.count() == n + 2
    call_command("audit")


DAMAGES: dict[str, Callable[[], object]] = {
    "stock": lambda: SKU.objects.filter(sales=2).update(stock=99),
    "sales": lambda: SKU.objects.filter(sales=2).update(sales=1),
    "a movement": lambda: SKU.objects.filter(sales=0).update(opening_stock=11),
    "a canceled order whose stock is not back": lambda: OrderInfo.objects.update(status=6),
    "a line's price": lambda: OrderGoods.objects.update(price=Decimal("1.00")),
    "a line's units": lambda: OrderGoods.objects.update(count=1),
    "the lines": lambda: OrderGoods.objects.all().delete(),
    "the freight": lambda: OrderInfo.objects.update(freight=Decimal("1.00")),
    "an unpaid order whose money came": lambda: OrderInfo.objects.update(status=1),
    "money no event speaks of": lambda: PaymentEvent.objects.all().delete(),
    "an event of another amount": lambda: PaymentEvent.objects.update(amount=Decimal("1.00")),
    "an event without effect": lambda: Payment.objects.update(state="pending"),
    "money kept as surplus": lambda: Payment.objects.update(state="surplus"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_it_sees(paid: OrderInfo, capsys: pytest.CaptureFixture[str], damage: str) -> None:
    capsys.readouterr()
    DAMAGES[damage]()
    with pytest.raises(CommandError, match="differences"):
        call_command("audit")
    assert capsys.readouterr().out.strip()
