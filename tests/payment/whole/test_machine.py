"""Buyers, operators, jobs and both providers do anything in any order; in the end every book agrees.

hypothesis looks for the sequence that breaks them, and shrinks it.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.core.exceptions import DomainError, GatewayError
from apps.orders.models import OrderInfo
from apps.payment.exceptions import NothingToRefund
from apps.payment.models import Refund
from apps.payment.services.opening import SHORTEST_OFFER
from sandbox.ledger.records import RefundStatus
from tests.payment.whole.books import check_books
from tests.payment.whole.market import WAYS, Market, Way
from tests.payment.whole.outages import ACTIONS, TRANSFERS
from tests.payment.whole.providers import Providers

NOTICES = [
    "drop_notice",
    "duplicate_notice",
    "delay_notice",
    "reorder_notices",
    "forge_notice",
    "signtest_notice",
    "certificate_notice",
    "braces_in_subject",
]
ANSWERS = [
    "answer_500",
    "answer_500_after",
    "system_error",
    "system_error_after",
    "wrong_signature",
]
REFUNDS = [
    "no_balance",
    "refund_processing",
    "refund_closed",
    "refund_abnormal",
    "trade_finished",
]
SPANS = [timedelta(seconds=s) for s in (1, 6, 40, 300, 1700, 1800, 1860, 9000)]

provider = st.sampled_from(["alipay", "wechatpay"])
span = st.sampled_from(SPANS)
times = st.integers(1, 3)


class MarketMachine(RuleBasedStateMachine):
    """Every example has the database to itself: what it wrote is rolled back in the end."""

    providers: Providers

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        # As Django's own TestCase says, so that what must be the outermost transaction may begin.
        self.example._from_testcase = True  # type: ignore[attr-defined]
        self.example.__enter__()
        self.providers.begin_anew()
        self.market = Market(self.providers)
        self.orders: list[OrderInfo] = []
        self.started: list[dict[str, Any]] = []
        self.asked_back: Counter[str] = Counter()

    # --- Buyers ---------------------------------------------------------------------------------
    @rule()
    def order(self) -> None:
        self.orders.append(self.market.order())

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), way=st.sampled_from(WAYS))
    def start(self, data: st.DataObject, way: Way) -> None:
        order = data.draw(st.sampled_from(self.orders))
        order.refresh_from_db()
        assert order.expires_at is not None
        is_open = order.expires_at >= self.market.clock() + SHORTEST_OFFER
        answer = self.market.ask(order, way)
        if answer.status_code == 400:
            # It may be found to be paid only now, when the provider knows the number already.
            order.refresh_from_db()
        assert (answer.status_code in {201, 502}) is (order.is_payable and is_open), answer.json()
        if answer.status_code == 201:
            self.started.append(answer.json())

    @precondition(lambda self: self.started)
    @rule(data=st.data(), action=st.sampled_from(["pay", "pay", "pay", "refuse", "leave", ""]))
    def visit(self, data: st.DataObject, action: str) -> None:
        """Come by any way that was ever shown, and do something there or nothing."""
        cashier = self.market.open(data.draw(st.sampled_from(self.started)))
        if cashier and action:
            self.market.press(cashier, action)

    @rule(ways=st.lists(st.sampled_from(WAYS), min_size=1, max_size=3, unique=True))
    def buy(self, ways: list[Way]) -> None:
        """Order, open a page by each way, and only then pay on all of them: once, twice or three times."""
        order = self.market.order()
        self.orders.append(order)
        answers = [self.market.ask(order, way) for way in ways]
        shown = [answer.json() for answer in answers if answer.status_code == 201]
        self.started.extend(shown)
        for cashier in filter(None, map(self.market.open, shown)):
            self.market.press(cashier)

    # --- Operators ------------------------------------------------------------------------------
    @precondition(lambda self: self.orders)
    @rule(data=st.data(), amount=st.sampled_from(["0.01", "11.10", "33.34", "33.35"]))
    def refund(self, data: st.DataObject, amount: str) -> None:
        order = data.draw(st.sampled_from(self.orders))
        settling = order.payments.filter(settles=order).first()
        left = settling.refundable_amount if settling else Decimal("0.00")
        with suppress(NothingToRefund):
            self.market.refund(order, amount)
            assert Decimal(amount) <= left
            self.asked_back[order.pk] += Decimal(amount)
            return
        assert Decimal(amount) > left

    @precondition(lambda self: self.failed().exists())
    @rule(data=st.data(), way=st.sampled_from([Market.pay_out, Market.give_back_by_hand]))
    def make_good(self, data: st.DataObject, way: Callable[[Market, Refund], Refund]) -> None:
        """Give back otherwise what failed; what was made good already, or cannot be so, is refused."""
        with suppress(DomainError, GatewayError):
            way(self.market, data.draw(st.sampled_from(list(self.failed()))))

    @rule(end=st.sampled_from([RefundStatus.SUCCESS, RefundStatus.CLOSED]))
    def mend(self, end: RefundStatus) -> None:
        self.market.mend(end)

    def failed(self) -> QuerySet[Refund]:
        return Refund.objects.filter(state=Refund.State.FAILED).order_by("pk")

    # --- Trouble --------------------------------------------------------------------------------
    @rule(name=st.sampled_from(NOTICES), times=times, span=span)
    def trouble_notices(self, name: str, times: int, span: timedelta) -> None:
        value = {"value": span.total_seconds()} if name == "delay_notice" else {}
        self.providers.switch(name, times=times, **value)

    @rule(name=st.sampled_from(ANSWERS), times=times, provider=provider)
    def trouble_answers(self, name: str, times: int, provider: str) -> None:
        self.providers.switch(name, times=times, provider=provider)

    @rule(
        name=st.sampled_from(["timeout", "timeout_after"]),
        action=st.sampled_from(ACTIONS + TRANSFERS),
        provider=provider,
    )
    def trouble_time_out(self, name: str, action: str, provider: str) -> None:
        self.providers.switch(name, times=1, provider=provider, action=action)

    @rule(name=st.sampled_from(REFUNDS), times=times)
    def trouble_refunds(self, name: str, times: int) -> None:
        self.providers.switch(name, times=times)

    @rule(provider=provider)
    def go_down(self, provider: str) -> None:
        """The provider is not to be had until everything is well again."""
        self.providers.switch("answer_500", provider=provider)

    @rule()
    def be_well_again(self) -> None:
        self.providers.sandbox.clear_faults()

    # --- Time -----------------------------------------------------------------------------------
    @rule()
    def deliver(self) -> None:
        self.market.deliver()

    @rule()
    def run_jobs(self) -> None:
        self.market.run_jobs()

    @rule(span=span)
    def let_pass(self, span: timedelta) -> None:
        self.market.let_pass(span)

    @rule(span=span)
    def sleep(self, span: timedelta) -> None:
        """No job runs and no notice comes."""
        self.market.clock.advance(seconds=span.total_seconds())

    def teardown(self) -> None:
        try:
            self.providers.sandbox.clear_faults()
            self.market.mend(RefundStatus.SUCCESS)
            self.market.settle()
            self.market.give_back_surplus()
            self.check_made_good_once()
            check_books(self.market)
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    def check_made_good_once(self) -> None:
        """Of what operators asked for, nothing went back twice, however often a try of it failed."""
        by_operators = Refund.objects.filter(
            cause=Refund.Cause.OPERATOR, state=Refund.State.SUCCEEDED
        )
        for order in self.orders:
            gone = by_operators.filter(payment__order=order).aggregate(sum=Sum("amount"))["sum"]
            assert (gone or 0) <= self.asked_back[order.pk]


@pytest.mark.django_db
def test_whatever_happens_the_books_agree(providers: Providers) -> None:
    MarketMachine.providers = providers
    run_state_machine_as_test(
        MarketMachine,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
