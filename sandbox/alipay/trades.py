"""Trades: opened by a buyer's visit, asked for and closed by the merchant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.alipay import NAME
from sandbox.alipay.channel import BUYER_ID, BUYER_LOGON_ID, trade_status
from sandbox.alipay.orders import biz_content, optional_text, order_of
from sandbox.alipay.refusals import InvalidParameter, Refusal, TradeNotExist
from sandbox.clock import beijing_text
from sandbox.ledger.records import TradeStatus
from sandbox.money import yuan_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.ledger.records import Order, Trade
    from sandbox.provider import Provider


def open_page(provider: Provider, params: Mapping[str, str]) -> Trade:
    """``alipay.trade.page.pay``: the trade begins to exist now that a buyer opens its page."""
    return _open("page", provider, params)


def open_wap(provider: Provider, params: Mapping[str, str]) -> Trade:
    """``alipay.trade.wap.pay``: the same in a phone's browser."""
    return _open("wap", provider, params)


def open_app(provider: Provider, params: Mapping[str, str]) -> Trade:
    """``alipay.trade.app.pay``: the same in Alipay's app, to which the merchant's app handed the order."""
    return _open("app", provider, params)


def _open(product: str, provider: Provider, params: Mapping[str, str]) -> Trade:
    """Asking again with the same number, amount and subject opens the same trade, with the addresses
    and the expiry that it began with.
    """
    order = order_of(product, params, now=provider.ledger.now())
    trade = provider.ledger.open(order)
    _refuse_unless_same_and_unpaid(trade, order)
    if trade.status == TradeStatus.OFFERED and not provider.ledger.begin(trade.id):
        raise Refusal("ACQ.TRADE_HAS_CLOSE", "交易已经关闭，请重新下单")
    return trade


def precreate(provider: Provider, params: Mapping[str, str]) -> dict[str, object]:
    """``alipay.trade.precreate``: the text of a QR code. There is no trade until somebody scans it.

    Alipay's rule: one order gets one code; asking again is refused, and does not tell the first one.
    """
    order = order_of("qr", params, now=provider.ledger.now())
    trade = provider.ledger.open(order, TradeStatus.OFFERED)
    _refuse_unless_same_and_unpaid(trade, order)
    if trade.code != order.code:
        raise Refusal("ACQ.APPLY_PC_MERCHANT_CODE_ERROR", "同一订单不可重复申请二维码")
    return {"out_trade_no": trade.out_trade_no, "qr_code": trade.code}


def _refuse_unless_same_and_unpaid(trade: Trade, order: Order) -> None:
    if (trade.total_fen, trade.subject) != (order.total_fen, order.subject):
        raise Refusal("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改：订单号已用于另一笔交易")
    if trade.status == TradeStatus.PAID:
        raise Refusal("ACQ.TRADE_HAS_SUCCESS", "交易已被支付，请勿重复付款")
    if trade.status == TradeStatus.CLOSED:
        raise Refusal("ACQ.TRADE_HAS_CLOSE", "交易已经关闭，请重新下单")


def query(provider: Provider, params: Mapping[str, str]) -> dict[str, object]:
    """``alipay.trade.query``: how a trade stands."""
    trade = asked_for(provider, biz_content(params))
    paid_amount = yuan_text(trade.total_fen) if trade.paid_at else "0.00"
    fields: dict[str, object] = {
        "buyer_logon_id": BUYER_LOGON_ID,
        "buyer_pay_amount": paid_amount,
        "buyer_user_id": BUYER_ID,
        "invoice_amount": paid_amount,
        "out_trade_no": trade.out_trade_no,
        "point_amount": "0.00",
        "receipt_amount": paid_amount,
        "subject": trade.subject,
        "total_amount": yuan_text(trade.total_fen),
        "trade_no": trade.trade_no,
        "trade_status": trade_status(trade),
    }
    if trade.paid_at is not None:
        fields["send_pay_date"] = beijing_text(trade.paid_at)
        fields["fund_bill_list"] = [{"amount": paid_amount, "fund_channel": "ALIPAYACCOUNT"}]
    return fields


def close(provider: Provider, params: Mapping[str, str]) -> dict[str, object]:
    """``alipay.trade.close``: only from WAIT_BUYER_PAY."""
    trade = asked_for(provider, biz_content(params))
    if not provider.ledger.close_trade(trade.id):
        raise Refusal("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    return {"out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}


def asked_for(provider: Provider, content: Mapping[str, object]) -> Trade:
    """The trade named by ``trade_no`` or ``out_trade_no``; the former wins.

    One whose code nobody scanned does not exist yet.
    """
    trade_no = optional_text(content, "trade_no")
    out_trade_no = optional_text(content, "out_trade_no")
    if not trade_no and not out_trade_no:
        raise InvalidParameter("out_trade_no 与 trade_no 不能同时为空")
    if trade_no:
        trade = provider.ledger.by_trade_no(NAME, trade_no)
    else:
        trade = provider.ledger.by_out_trade_no(NAME, out_trade_no)
    if trade is None or trade.status == TradeStatus.OFFERED:
        raise TradeNotExist
    return trade
