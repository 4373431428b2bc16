"""A buyer, an operator and the jobs, between the shop and both providers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef
from django.test import TestCase
from rest_framework.response import Response

from apps.orders.models import OrderInfo
from apps.payment.models import Payment, Refund
from apps.payment.services import (
    cancel_overdue_orders,
    give_back_by_hand,
    later_refunds,
    pay_out,
    poll_due_payments,
    request_refund,
    send_due_refunds,
    try_refund,
)
from apps.payment.services.asking import GRACE
from sandbox.ledger.records import RefundStatus
from tests.conftest import logged_in
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory
from tests.payment.whole.providers import Providers

JOBS = (poll_due_payments, send_due_refunds, cancel_overdue_orders)
# Beat's pause between two rounds of a job.
BEAT = timedelta(seconds=15)
MOST_ROUNDS = 300


@dataclass(frozen=True)
class Way:
    """A provider and one of its products: one way to pay."""

    provider: str
    product: str

    def __str__(self) -> str:
        return f"{self.provider}-{self.product}"


ALIPAY = [Way("alipay", product) for product in ("page", "wap", "app", "qr")]
WECHATPAY = [Way("wechatpay", product) for product in ("native", "h5", "jsapi", "app")]
WAYS = ALIPAY + WECHATPAY


@contextmanager
def committing() -> Iterator[None]:
    """What waits for the commit happens at the end of the block, though the test never commits."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        yield


class Market:
    def __init__(self, providers: Providers) -> None:
        self.providers = providers
        self.clock = providers.clock
        self.buyer, self.operator = UserFactory(), UserFactory()
        self.client = logged_in(self.buyer)
        self.phone = providers.app.test_client()
        self.sku = SKUFactory(price=Decimal("33.35"), stock=1000)

    # --- The buyer ------------------------------------------------------------------------------
    def order(self) -> OrderInfo:
        """An order over 33.35 that waits for its money for half an hour."""
        order: OrderInfo = OrderInfoFactory(
            user=self.buyer,
            skus=[self.sku],
            status=OrderInfo.Status.UNPAID,
            pay_method=OrderInfo.PayMethod.ALIPAY,
            expires_at=self.clock() + timedelta(minutes=30),
        )
        return order

    def ask(self, order: OrderInfo, way: Way) -> Response:
        """The shop's answer to the wish to pay so."""
        body = {"provider": way.provider, "product": way.product, "openid": "o-1"}
        with committing():
            answer: Response = self.client.post(f"/api/v1/orders/{order.pk}/payments/", body)
        return answer

    def start(self, order: OrderInfo, way: Way) -> dict[str, Any]:
        """Begin to pay, pressing the button again, half a minute later, as long as the shop is sorry."""
        for _ in range(8):
            answer = self.ask(order, way)
            if answer.status_code == 201:
                started: dict[str, Any] = answer.json()
                return started
            assert answer.status_code == 502, answer.json()
            self.clock.advance(seconds=30)
        raise AssertionError(f"{way}: no way to pay, but {answer.json()}")

    def open(self, started: dict[str, Any]) -> str:
        """Go where the shop leads; the path of the cashier's page, "" if it is shut."""
        if started["form"] == "qr":
            page = self.phone.post("/scan", data={"code": started["qr"]["text"]})
        else:
            page = self.phone.get(_target(started))
        return urlsplit(page.location).path if page.status_code == 302 else ""

    def press(self, cashier: str, action: str = "pay") -> None:
        assert self.phone.post(cashier, data={"action": action}).status_code in {200, 302}

    def pay(self, started: dict[str, Any]) -> None:
        cashier = self.open(started)
        assert cashier, f"{started} leads nowhere"
        self.press(cashier)
        (trade,) = (
            each for each in self.providers.trades() if each.out_trade_no == started["out_trade_no"]
        )
        assert trade.paid_at == self.clock()

    def buy(self, way: Way) -> OrderInfo:
        """Order and pay, and let what the providers have to say arrive."""
        order = self.order()
        self.pay(self.start(order, way))
        self.deliver()
        return order

    # --- The operator ---------------------------------------------------------------------------
    def refund(self, order: OrderInfo, amount: str) -> Refund:
        with committing():
            refund = request_refund(
                order.pk, amount=Decimal(amount), reason="少发一件", by=self.operator
            )
            return try_refund(refund)

    def pay_out(self, refund: Refund) -> Refund:
        with committing():
            return pay_out(refund, by=self.operator, **_seen(refund))

    def give_back_by_hand(self, refund: Refund) -> Refund:
        with committing():
            return give_back_by_hand(refund, by=self.operator, note="银行转账", **_seen(refund))

    def mend(self, end: RefundStatus) -> None:
        """See to it, at the provider, that whatever refund sticks there comes to an ``end``."""
        ledger = self.providers.sandbox.ledger
        for trade in self.providers.trades():
            for refund in ledger.refunds_of(trade.id):
                if refund.status == RefundStatus.ABNORMAL:
                    path = f"/refunds/{refund.refund_no}"
                    assert self.phone.post(path, json={"status": end}).status_code == 204

    def give_back_surplus(self) -> None:
        """What was paid for nothing and no refund took back, an operator gives back by hand."""
        kept = Payment.objects.filter(state=Payment.State.SURPLUS, refunded_amount=0)
        for payment in kept:
            self.give_back_by_hand(payment.refunds.order_by("pk").first())

    # --- Time -----------------------------------------------------------------------------------
    def deliver(self) -> None:
        """Let the notices come that are due."""
        with committing():
            self.providers.send_due_notices()

    def run_jobs(self) -> None:
        for job in JOBS:
            with committing():
                job()

    def let_pass(self, span: timedelta) -> None:
        """Move the clock on, with every notice and job in its time."""
        self._go_on(until=self.clock() + span)
        self.deliver()
        self.run_jobs()

    def settle(self) -> None:
        """Let time pass until nobody waits for anything any more."""
        self._go_on(until=None)

    def _go_on(self, *, until: datetime | None) -> None:
        for _ in range(MOST_ROUNDS):
            self.deliver()
            due = self._jobs_due_at()
            if due is not None and due <= self.clock():
                self.run_jobs()
                self.deliver()
                due = self._jobs_due_at()
            following = _earliest(due, self.providers.next_notice_at())
            # What is overdue while a provider is down is tried again with the next beat.
            soonest = following and max(following, self.clock() + BEAT)
            if soonest is None or (until is not None and soonest > until):
                self.clock.moment = until or self.clock.moment
                return
            self.clock.moment = soonest
        raise AssertionError(f"Something is due for ever, now since {following}")

    def _jobs_due_at(self) -> datetime | None:
        """When a job finds something to do."""
        pending = Payment.objects.filter(state=Payment.State.PENDING)
        # An order whose attempt has no clear end yet is not due, however late it is.
        held = Exists(pending.filter(order=OuterRef("pk")))
        waiting = OrderInfo.objects.filter(~held, status=OrderInfo.Status.UNPAID)
        return _earliest(
            *pending.values_list("next_query_at", flat=True),
            *Refund.objects.unfinished().values_list("next_try_at", flat=True),
            *(at + GRACE for at in waiting.values_list("expires_at", flat=True)),
        )


def _seen(refund: Refund) -> dict[str, Any]:
    """The figures that an operator has just looked at, and the later refunds, which were for something else."""
    payment = Payment.objects.get(pk=refund.payment_id)
    others = [later.out_request_no for later in later_refunds(refund)]
    return {"seen_refunded": payment.refunded_amount, "despite": others}


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _target(started: dict[str, Any]) -> str:
    """What the sandbox is asked for when a browser, WeChat or Alipay's app opens an attempt."""
    if started["form"] == "url":
        url = urlsplit(started["url"])
        return f"{url.path}?{url.query}"
    params = started["params"]
    if "order_string" in params:
        return f"/alipay/app?{params['order_string']}"
    prepay_id = params.get("prepayId") or params["package"].removeprefix("prepay_id=")
    return f"/wechatpay/prepay/{prepay_id}"
