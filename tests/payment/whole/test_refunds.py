"""Refunds that are slow, stuck, refused or too late; by every way to pay."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.payment.models import Refund
from sandbox.ledger.records import RefundStatus
from tests.payment.whole.books import check_books
from tests.payment.whole.market import ALIPAY, WECHATPAY, Market, Way
from tests.payment.whole.switches import Case, every_way, ways_of

State = Refund.State
PART = "11.10"
# What it takes, and how a refund stands after two hours of it.
SLOW: list[Case] = [
    ("refund_processing", {"state": State.PROCESSING}),
    ("no_balance", {"state": State.REQUESTED}),
]
COVERED = {"refund_processing", "no_balance", "refund_closed", "refund_abnormal", "trade_finished"}


@every_way(SLOW)
def test_a_refund_that_takes_until_the_trouble_ends(
    market: Market, name: str, scope: dict[str, Any], way: Way
) -> None:
    market.providers.switch(name)
    order = market.buy(way)
    refund = market.refund(order, PART)
    market.let_pass(timedelta(hours=2))
    refund.refresh_from_db()
    assert refund.state == scope["state"]
    market.providers.sandbox.clear_faults()
    market.settle()
    refund.refresh_from_db()
    assert refund.state == State.SUCCEEDED
    check_books(market)


@pytest.mark.parametrize("way", ways_of("refund_closed"), ids=str)
def test_a_refund_that_is_closed_may_be_asked_for_again(market: Market, way: Way) -> None:
    market.providers.switch("refund_closed", times=1)
    order = market.buy(way)
    refund = market.refund(order, "33.35")
    market.settle()
    refund.refresh_from_db()
    assert refund.state == State.FAILED
    assert market.refund(order, "33.35").out_request_no != refund.out_request_no
    market.settle()
    assert market.providers.unused() == []
    check_books(market)


@pytest.mark.parametrize("end", [RefundStatus.SUCCESS, RefundStatus.CLOSED])
@pytest.mark.parametrize("way", ways_of("refund_abnormal"), ids=str)
def test_a_refund_that_sticks_until_a_person_mends_it(
    market: Market, way: Way, end: RefundStatus
) -> None:
    market.providers.switch("refund_abnormal", times=1)
    order = market.buy(way)
    refund = market.refund(order, PART)
    market.let_pass(timedelta(hours=3))
    refund.refresh_from_db()
    assert (refund.state, refund.payment.refunded_amount) == (State.PROCESSING, refund.amount)
    market.mend(end)
    market.settle()
    refund.refresh_from_db()
    assert refund.state == (State.SUCCEEDED if end == RefundStatus.SUCCESS else State.FAILED)
    check_books(market)


@pytest.mark.parametrize("trouble", ["no_balance", "refund_processing"])
@pytest.mark.parametrize("way", ways_of("trade_finished"), ids=str)
def test_what_a_finished_trade_does_not_give_back_is_transferred(
    market: Market, way: Way, trouble: str
) -> None:
    market.providers.switch("trade_finished")
    order = market.buy(way)
    refund = market.refund(order, PART)
    assert (refund.state, refund.answer) == (State.FAILED, "ACQ.TRADE_HAS_FINISHED")
    market.providers.switch(trouble, action="transfer", times=1)
    transfer = market.pay_out(refund)
    market.let_pass(timedelta(hours=1))
    assert market.providers.unused() == []
    market.providers.sandbox.clear_faults()
    market.settle()
    transfer.refresh_from_db()
    assert (transfer.state, transfer.amount) == (State.SUCCEEDED, refund.amount)
    check_books(market)


@pytest.mark.parametrize(
    ("trouble", "way"), [("trade_finished", ALIPAY[0]), ("refund_closed", WECHATPAY[0])]
)
def test_surplus_that_the_provider_does_not_give_back_is_found_by_the_audit_until_a_person_does(
    market: Market, trouble: str, way: Way
) -> None:
    market.providers.switch(trouble)
    order = market.order()
    attempts = [market.start(order, way) for way in (ALIPAY[1], way)]
    for cashier in [market.open(attempt) for attempt in attempts]:
        market.press(cashier)
    market.settle()
    refund = Refund.objects.get()
    assert (refund.state, refund.cause) == (State.FAILED, Refund.Cause.SURPLUS)
    with pytest.raises(CommandError, match="1 differences"):
        call_command("audit")
    if way in ALIPAY:
        market.pay_out(refund)
    else:
        market.give_back_by_hand(refund)
    market.settle()
    check_books(market)
