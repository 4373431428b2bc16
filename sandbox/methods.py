"""What the gateway does once a request is believed: one function for each Alipay method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import beijing_text
from sandbox.orders import biz_content, optional_text, page_pay_order
from sandbox.provider import BUYER_ID, BUYER_LOGON_ID
from sandbox.records import TradeStatus
from sandbox.refusals import InvalidParameter, Refusal, TradeNotExist

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.provider import Provider
    from sandbox.records import Trade


def open_cashier(provider: Provider, params: Mapping[str, str]) -> Trade:
    """``alipay.trade.page.pay``: the trade begins to exist now that a buyer opens its page.

    Asking again with the same number, amount and subject opens the same trade, with the addresses
    and the expiry that it began with.
    """
    order = page_pay_order(params, now=provider.ledger.now())
    trade = provider.ledger.open(order)
    if (trade.total_amount, trade.subject) != (order.total_amount, order.subject):
        raise Refusal("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改：订单号已用于另一笔交易")
    if trade.status == TradeStatus.TRADE_SUCCESS:
        raise Refusal("ACQ.TRADE_HAS_SUCCESS", "交易已被支付，请勿重复付款")
    if trade.status == TradeStatus.TRADE_CLOSED:
        raise Refusal("ACQ.TRADE_HAS_CLOSE", "交易已经关闭，请重新下单")
    return trade


def query(provider: Provider, params: Mapping[str, str]) -> dict[str, object]:
    """``alipay.trade.query``: how a trade stands."""
    trade = _asked_for(provider, params)
    is_paid = trade.paid_at is not None
    paid_amount = f"{trade.total_amount:.2f}" if is_paid else "0.00"
    fields: dict[str, object] = {
        "buyer_logon_id": BUYER_LOGON_ID,
        "buyer_pay_amount": paid_amount,
        "buyer_user_id": BUYER_ID,
        "invoice_amount": paid_amount,
        "out_trade_no": trade.out_trade_no,
        "point_amount": "0.00",
        "receipt_amount": paid_amount,
        "subject": trade.subject,
        "total_amount": f"{trade.total_amount:.2f}",
        "trade_no": trade.trade_no,
        "trade_status": trade.status.value,
    }
    if trade.paid_at is not None:
        fields["send_pay_date"] = beijing_text(trade.paid_at)
        fields["fund_bill_list"] = [{"amount": paid_amount, "fund_channel": "ALIPAYACCOUNT"}]
    return fields


def close(provider: Provider, params: Mapping[str, str]) -> dict[str, object]:
    """``alipay.trade.close``: only from WAIT_BUYER_PAY."""
    trade = _asked_for(provider, params)
    if not provider.ledger.close_trade(trade.id):
        raise Refusal("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    return {"out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}


METHODS: dict[str, Callable[[Provider, Mapping[str, str]], dict[str, object]]] = {
    "alipay.trade.query": query,
    "alipay.trade.close": close,
}


def _asked_for(provider: Provider, params: Mapping[str, str]) -> Trade:
    """The trade named by ``trade_no`` or ``out_trade_no``; the former wins."""
    content = biz_content(params)
    trade_no = optional_text(content, "trade_no")
    out_trade_no = optional_text(content, "out_trade_no")
    if not trade_no and not out_trade_no:
        raise InvalidParameter("out_trade_no 与 trade_no 不能同时为空")
    ledger = provider.ledger
    trade = ledger.by_trade_no(trade_no) if trade_no else ledger.by_out_trade_no(out_trade_no)
    if trade is None:
        raise TradeNotExist
    return trade
