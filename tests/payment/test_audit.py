"""The audit names every difference and exits 1; on a sound shop it is clean."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from apps.goods.models import SKU, Goods
from apps.goods.services import move_stock
from apps.orders.models import OrderGoods, OrderInfo, Review
from apps.payment.models import Payment, PaymentEvent, Refund
from apps.payment.selectors import payment_differences
from apps.payment.services import apply_event, request_refund, start_payment, try_refund
from apps.users.models import Address, User
from tests.factories import ReviewFactory, SKUFactory
from tests.payment.conftest import Alipay
from tests.payment.fake_gateway import Bank, FakeGateway, Trade

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
    "an event without effect": lambda: Payment.objects.update(state="pending", settles=None),
    "a review that is not counted": lambda: (
        ReviewFactory(status=2) and Review.objects.update(status=1)
    ),
    "a review counted with another score": lambda: (
        ReviewFactory() and Review.objects.update(score=1)
    ),
    "a counter of a goods": lambda: Goods.objects.update(comments=1),
    "a counter by score": lambda: SKU.objects.update(score_5=1),
    "a line that says it was reviewed": lambda: OrderGoods.objects.update(is_commented=True),
    "a reviewed line that does not say so": lambda: (
        ReviewFactory() and OrderGoods.objects.filter(is_commented=True).update(is_commented=False)
    ),
    "an order whose every line is reviewed": lambda: (
        ReviewFactory() and OrderInfo.objects.filter(status=5).update(status=4)
    ),
    "money kept as surplus": lambda: Payment.objects.update(state="surplus", settles=None),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_it_sees(paid: OrderInfo, capsys: pytest.CaptureFixture[str], damage: str) -> None:
    capsys.readouterr()
    DAMAGES[damage]()
    with pytest.raises(CommandError, match="differences"):
        call_command("audit")
    assert capsys.readouterr().out.strip()


@pytest.fixture
def busy(bank: Bank, buyer: User, order: OrderInfo) -> Payment:
    """A payment that settled an order, refunded in part, one refund failed and one under way; and a surplus one."""
    first, second = (
        start_payment(buyer, order.pk, provider="fake", product=product).payment
        for product in ("page", "code")
    )
    for payment in (first, second):
        bank.trades[payment.out_trade_no] = Trade(payment.amount, "PAID")
        apply_event(FakeGateway(bank).told(payment.out_trade_no))
    for amount, bank.next_refund in [(10, "DONE"), (20, "FAILED"), (30, "UNDER_WAY")]:
        refund = request_refund(order.pk, amount=Decimal(amount), reason="", by=buyer)
        Refund.objects.update(tried_at=None)
        try_refund(refund)
    bank.next_refund = "DONE"
    try_refund(second.refunds.get())
    call_command("audit")
    states = Refund.objects.order_by("amount").values_list("state", flat=True)
    assert list(states) == ["succeeded", "failed", "processing", "succeeded"]
    return first


EVENTS, REFUNDS, PAYMENTS = PaymentEvent.objects, Refund.objects, Payment.objects


def another_event(verdict: str, **changed: Any) -> None:
    event = EVENTS.filter(verdict=verdict).first()
    event.pk, event.event_id = None, "another"
    for name, value in changed.items():
        setattr(event, name, value)
    event.save(force_insert=True)


DAMAGES_TO_MONEY: dict[str, tuple[Callable[[], object], str]] = {
    "a payment without its event": (lambda: EVENTS.filter(verdict="settled").delete(), "says 110"),
    "a surplus one without its event": (
        lambda: EVENTS.filter(verdict="surplus").delete(),
        "state surplus",
    ),
    "an event of another amount": (
        lambda: EVENTS.filter(verdict="settled").update(amount=1),
        "0 of them this",
    ),
    "money that came twice": (lambda: another_event("settled"), "2 events brought money"),
    "money of nobody": (lambda: another_event("settled", payment=None), "for no payment"),
    "surplus booked as settling": (
        lambda: EVENTS.filter(verdict="surplus").update(verdict="settled"),
        "state surplus",
    ),
    "money for an attempt that is closed": (
        lambda: (another_event("settled", payment=PAYMENTS.create(**closed_attempt())),),
        "state closed",
    ),
    "too much set aside": (
        lambda: PAYMENTS.filter(state="succeeded").update(refunded_amount=41),
        "add up to 40.00, but 41.00",
    ),
    "too little set aside": (
        lambda: PAYMENTS.filter(state="surplus").update(refunded_amount=Decimal("109.99")),
        "add up to 110.00, but 109.99",
    ),
    "a failed refund not released": (
        lambda: REFUNDS.filter(state="failed").update(state="unknown"),
        "add up to 60.00, but 40.00",
    ),
    "a refund without its event": (
        lambda: EVENTS.filter(verdict="refunded", amount=10).delete(),
        "0 events say refunded",
    ),
    "a refund of another amount": (
        lambda: EVENTS.filter(verdict="refunded", amount=10).update(amount=11),
        "0 of them this",
    ),
    "a refund that succeeded twice": (
        lambda: another_event("refunded"),
        "2 events say refunded",
    ),
    "a refund that went, and we think not": (
        lambda: REFUNDS.filter(amount=10).update(state="processing"),
        "state processing over 10.00, 1 events",
    ),
    "a refund of no refund": (
        lambda: another_event("refunded", refund=None),
        "for no refund",
    ),
    "an order paid and called unpaid": (
        lambda: OrderInfo.objects.update(status=1),
        "settled by 1 payments",
    ),
    "an order not paid and called paid": (
        lambda: PAYMENTS.filter(state="succeeded").update(state="surplus", settles=None),
        "settled by 0 payments",
    ),
    "money of a canceled order": (
        lambda: OrderInfo.objects.update(status=6),
        "canceled, but 70.00 of payment",
    ),
}


def closed_attempt() -> dict[str, Any]:
    first = PAYMENTS.first()
    same = {"order": first.order, "provider": "fake", "amount": 110, "expires_at": first.expires_at}
    return same | {"out_trade_no": "closed", "state": "closed"}


@pytest.mark.parametrize("damage", DAMAGES_TO_MONEY)
def test_it_sees_in_the_payments(
    busy: Payment, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    capsys.readouterr()
    do, said = DAMAGES_TO_MONEY[damage]
    do()
    with pytest.raises(CommandError, match="differences"):
        call_command("audit")
    assert said in capsys.readouterr().out


def test_a_canceled_order_whose_money_is_all_refunded_adds_up(busy: Payment, buyer: User) -> None:
    request_refund(busy.order_id, amount=Decimal("70.00"), reason="", by=buyer)
    OrderInfo.objects.update(status=6)
    assert list(payment_differences()) == []


def test_it_sees_surplus_money_whose_refund_failed(
    bank: Bank, buyer: User, order: OrderInfo
) -> None:
    bank.next_refund = "FAILED"
    for product in ("page", "code"):
        payment = start_payment(buyer, order.pk, provider="fake", product=product).payment
        bank.trades[payment.out_trade_no] = Trade(payment.amount, "PAID")
    for number in list(bank.trades):
        apply_event(FakeGateway(bank).told(number))
    assert list(payment_differences()) == []
    try_refund(Refund.objects.get())
    assert list(payment_differences()) == [
        f"order {order.pk}: needed no money, but 110.00 of payment {payment.out_trade_no} is not refunded"
    ]
