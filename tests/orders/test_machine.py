"""A buyer and an operator do anything in any order; after every step the books balance.

hypothesis looks for the sequence that breaks them, and shrinks it.
"""

from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from django.core.management import call_command
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.goods.services import move_stock
from apps.orders.models import OrderInfo
from apps.payment.models import Payment
from tests.conftest import logged_in
from tests.factories import AddressFactory, SKUFactory
from tests.payment.conftest import Alipay

SKUS = 3
which = st.integers(0, SKUS - 1)


class ShopMachine(RuleBasedStateMachine):
    alipay: Alipay
    numbers = count()

    def __init__(self) -> None:
        super().__init__()
        self.address = AddressFactory()
        self.client = logged_in(self.address.user)
        self.skus = [SKUFactory(stock=4, price=Decimal(10 * n + 7)) for n in range(SKUS)]
        self.orders: list[OrderInfo] = []
        self.notices: list[dict[str, str]] = []

    @rule(sku=which, units=st.integers(1, 5))
    def add(self, sku: int, units: int) -> None:
        body = {"sku_id": self.skus[sku].pk, "count": units}
        assert self.client.post("/api/v1/cart/", body).status_code in {201, 409}

    @rule(sku=which, units=st.integers(1, 5), ticked=st.booleans())
    def change(self, sku: int, units: int, ticked: bool) -> None:
        body = {"sku_id": self.skus[sku].pk, "count": units, "selected": ticked}
        assert self.client.put("/api/v1/cart/", body).status_code in {200, 409}

    @rule(sku=which)
    def remove(self, sku: int) -> None:
        body = {"sku_id": self.skus[sku].pk}
        assert self.client.delete("/api/v1/cart/", body).status_code == 204

    @rule(ticked=st.booleans())
    def tick_all(self, ticked: bool) -> None:
        self.client.put("/api/v1/cart/selection/", {"selected": ticked})

    @rule(sku=which, price=st.sampled_from(["0.01", "7.00", "33.33"]))
    def reprice(self, sku: int, price: str) -> None:
        SKU.objects.filter(pk=self.skus[sku].pk).update(price=Decimal(price))

    @rule(sku=which, launched=st.booleans())
    def launch(self, sku: int, launched: bool) -> None:
        SKU.objects.filter(pk=self.skus[sku].pk).update(is_launched=launched)

    @rule(sku=which, change=st.integers(1, 3))
    def receive(self, sku: int, change: int) -> None:
        move_stock(self.skus[sku].pk, change, reason="receipt", author=self.address.user)

    @rule(settle=st.booleans(), pay_method=st.sampled_from([1, 2]))
    def place(self, settle: bool, pay_method: int) -> None:
        shown = self.client.get("/api/v1/orders/settlement/").json() if settle else None
        before = OrderInfo.objects.filter(user=self.address.user).count()
        body = {"address": self.address.pk, "pay_method": pay_method}
        answer = self.client.post("/api/v1/orders/", body)
        placed = OrderInfo.objects.filter(user=self.address.user).count() - before
        assert answer.status_code in {201, 400, 409}, answer.json()
        assert placed in ({0, 1} if answer.status_code == 201 else {0})
        if placed:
            order = OrderInfo.objects.get(pk=answer.json()["order_id"])
            assert shown is None or str(order.total_amount) == shown["total_amount"]
            self.orders.append(order)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.orders))
        answer = self.client.get(f"/api/v1/orders/{order.pk}/payment/")
        order.refresh_from_db()
        payable = order.pay_method == 2 and order.status == 1
        assert answer.status_code == (200 if payable else 400)
        if payable:
            number = next(self.numbers)
            notice = self.alipay.notice(order, notify_id=f"n{number}", trade_no=f"t{number}")
            self.notices.append(notice)

    @precondition(lambda self: self.notices)
    @rule(data=st.data())
    def tell(self, data: st.DataObject) -> None:
        """Any notice, any number of times: the first of a payment counts, others of the trade repeat it."""
        notice = data.draw(st.sampled_from(self.notices))
        first = Payment.objects.get(out_trade_no=notice["out_trade_no"]).trade_no
        answer = self.alipay.post(notice)
        assert answer.status_code == (200 if first in {None, notice["trade_no"]} else 400)

    @invariant()
    def the_books_balance(self) -> None:
        call_command("audit", stdout=open("/dev/null", "w"))  # noqa: SIM115

    def teardown(self) -> None:
        lines: list[Any] = self.client.get("/api/v1/cart/").json()
        assert all(line["count"] > 0 for line in lines)


@pytest.mark.django_db
def test_whatever_happens_the_books_balance(provider_key: RSA.RsaKey) -> None:
    ShopMachine.alipay = Alipay(provider_key, APIClient())
    run_state_machine_as_test(
        ShopMachine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
