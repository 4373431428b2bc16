"""One course of business in which a provider is asked everything that it can be asked."""

from datetime import timedelta

from apps.orders.models import OrderInfo
from apps.payment.models import Refund
from tests.payment.whole.books import check_books
from tests.payment.whole.market import ALIPAY, WECHATPAY, Market, Way

ACTIONS = ("order", "query", "close", "refund", "refund_query", "bill")
TRANSFERS = ("transfer", "transfer_query")
PART = "11.10"
State = Refund.State


def survive(market: Market, name: str, way: Way) -> None:
    """Every kind of call of ``way`` goes wrong once, and no notice comes until all is done.

    Of two orders one is paid by another provider while this way lies open; the other is paid this way, and a part of
    it refunded; at Alipay another part transferred, for the trade is finished then.
    """
    silence = market.providers.switch("drop_notice")
    for action in actions_of(way):
        market.providers.switch(name, provider=way.provider, action=action, times=1)
    other = WECHATPAY[0] if way in ALIPAY else ALIPAY[0]
    left = market.order()
    market.open(market.start(left, way))
    market.pay(market.start(left, other))
    order = market.buy(way)
    market.let_pass(timedelta(minutes=10))
    for each in (left, order):
        each.refresh_from_db()
        assert each.status == OrderInfo.Status.UNSEND
    refund = market.refund(order, PART)
    market.let_pass(timedelta(minutes=10))
    refund.refresh_from_db()
    assert refund.state == State.SUCCEEDED
    if way in ALIPAY:
        _transfer_a_part(market, order)
    market.providers.sandbox.clear_faults(silence)
    market.settle()
    check_books(market)
    is_ordered = way in WECHATPAY or way.product == "qr"
    assert market.providers.unused() == ([] if is_ordered else [f"{name} order"])


def actions_of(way: Way) -> tuple[str, ...]:
    return ACTIONS + TRANSFERS if way in ALIPAY else ACTIONS


def _transfer_a_part(market: Market, order: OrderInfo) -> None:
    market.providers.switch("trade_finished", times=1)
    refund = market.refund(order, PART)
    assert refund.state == State.FAILED
    transfer = market.pay_out(refund)
    market.let_pass(timedelta(minutes=10))
    transfer.refresh_from_db()
    assert transfer.state == State.SUCCEEDED
