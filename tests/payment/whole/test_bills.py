"""Bills that are late, early, broken or wrong; for payments by every way."""

from typing import Any

import pytest

from apps.payment.models import Statement
from apps.payment.services.reconciliation import reconcile
from tests.payment.whole.books import check_bills, check_books
from tests.payment.whole.market import ALIPAY, WECHATPAY, Market, Way
from tests.payment.whole.switches import Case

NOBODYS = "20260101000000000001"
LIES: list[Case] = [
    ("bill_extra_row", {}),
    ("bill_missing_row", {}),
    ("bill_other_amount", {"value": 1}),
    # One fen is how providers round.
    ("bill_other_fee", {"value": 2}),
    ("bill_duplicate_row", {}),
]
FOUND = {
    "bill_extra_row": "provider_only",
    "bill_missing_row": "ours_only",
    "bill_other_amount": "amount",
    "bill_other_fee": "fee",
    "bill_duplicate_row": "duplicate",
}
COVERED = {"bill_early", "bill_not_ready", "bill_broken_hash", *FOUND}


BY_PROVIDER = pytest.mark.parametrize("ways", [ALIPAY, WECHATPAY], ids=["alipay", "wechatpay"])


@BY_PROVIDER
@pytest.mark.parametrize(("name", "scope"), LIES, ids=[name for name, _scope in LIES])
def test_a_bill_that_is_wrong_is_found_out(
    market: Market, name: str, scope: dict[str, Any], ways: list[Way]
) -> None:
    """One row of each product is wrong, and another of it is right."""
    wrong = []
    for way in ways:
        market.buy(way)
        number = market.buy(way).payments.get().out_trade_no
        wrong.append(f"{NOBODYS}{len(wrong)}" if name == "bill_extra_row" else number)
    market.settle()
    for number in wrong:
        market.providers.switch(name, provider=ways[0].provider, out_trade_no=number, **scope)
    check_books(market, expected=[(FOUND[name], number) for number in wrong])


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("bill_not_ready", ALIPAY),
        ("bill_not_ready", WECHATPAY),
        ("bill_broken_hash", WECHATPAY),
    ],
)
def test_a_bill_that_is_late(market: Market, name: str, ways: list[Way]) -> None:
    market.providers.switch(name, times=1)
    for way in ways:
        market.refund(market.buy(way), "11.10")
    market.settle()
    check_books(market)
    assert market.providers.unused() == []
    assert Statement.objects.get().tries == 2


@BY_PROVIDER
def test_a_bill_that_is_early_is_not_the_days_last_word(market: Market, ways: list[Way]) -> None:
    market.providers.switch("bill_early")
    for way in ways:
        market.buy(way)
    today = reconcile(ways[0].provider, market.clock.day, is_early=True)
    assert (today.state, today.their_payments) == (Statement.State.DONE, 4)
    for way in ways:
        market.buy(way)
    market.settle()
    check_books(market)
    today.refresh_from_db()
    assert today.their_payments == today.our_payments == 8


@BY_PROVIDER
def test_the_bill_alone_brings_to_light_what_nobody_told(market: Market, ways: list[Way]) -> None:
    """No notice came and no job ran; the morning's reconciliation asks, and the orders are paid."""
    market.providers.switch("drop_notice")
    orders = [market.order() for _ in ways]
    for order, way in zip(orders, ways, strict=True):
        market.pay(market.start(order, way))
    check_bills(market)
    for order in orders:
        assert order.payments.get().settles == order
    market.settle()
    check_books(market)
