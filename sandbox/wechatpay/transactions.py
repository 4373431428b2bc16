"""Orders, queries and closings: what happens to a trade once a request is believed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.ledger import records
from sandbox.ledger.records import TradeStatus
from sandbox.wechatpay import NAME, tickets
from sandbox.wechatpay.refusals import OrderClosed, OrderNotExist, OrderPaid, OutTradeNoUsed

if TYPE_CHECKING:
    from sandbox.ledger import Ledger
    from sandbox.ledger.records import Trade
    from sandbox.wechatpay.orders import Order


def place(ledger: Ledger, order: Order, *, signer: str) -> Trade:
    """The trade of this order, made now if there is none; raises Refusal.

    ``signer`` is the key that the merchant wants, for the trade's notices too.
    """
    trade = ledger.by_out_trade_no(NAME, order.out_trade_no) or _open(ledger, order, signer)
    if trade.status == TradeStatus.PAID:
        raise OrderPaid
    if trade.status == TradeStatus.CLOSED:
        raise OrderClosed
    if trade.extra["parameters"] != order.parameters:
        raise OutTradeNoUsed
    if tickets.has_run_out(trade, ledger.now()):
        trade = replace(trade, code=tickets.new_code(trade.product, ledger.now()))
        ledger.recode(trade.id, trade.code)
    return trade


def numbered(ledger: Ledger, out_trade_no: str) -> Trade:
    """Raises OrderNotExist."""
    trade = ledger.by_out_trade_no(NAME, out_trade_no)
    if trade is None:
        raise OrderNotExist
    return trade


def identified(ledger: Ledger, transaction_id: str) -> Trade:
    """Raises OrderNotExist, also for a trade that is unpaid: it has no such number yet."""
    trade = ledger.by_trade_no(NAME, transaction_id)
    if trade is None or trade.paid_at is None:
        raise OrderNotExist
    return trade


def close(ledger: Ledger, out_trade_no: str) -> None:
    """Close an unpaid trade; one that is closed stays so. Raises Refusal."""
    trade = numbered(ledger, out_trade_no)
    if not ledger.close_trade(trade.id) and numbered(ledger, out_trade_no).paid_at:
        raise OrderPaid


def _open(ledger: Ledger, order: Order, signer: str) -> Trade:
    now = ledger.now()
    return ledger.open(
        records.Order(
            provider=NAME,
            product=order.product.value,
            out_trade_no=order.out_trade_no,
            total_fen=order.total_fen,
            subject=order.description,
            expires_at=order.expiry(now),
            notify_url=order.notify_url,
            code=tickets.new_code(order.product, now),
            extra={
                "parameters": order.parameters,
                "attach": order.attach,
                "openid": order.openid,
                "signer": signer,
            },
        )
    )
