"""Refunds: reads what a merchant wants to give back, gives it, and tells how it went."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.ledger.records import MoreThanLeft, NotPaid, RefundStatus
from sandbox.provider import NoBalance, TradeFinished
from sandbox.wechatpay import NAME, describe, fields
from sandbox.wechatpay.orders import OUT_TRADE_NO
from sandbox.wechatpay.refusals import (
    InvalidRequest,
    NotEnough,
    ParamError,
    RefundFeeMismatch,
    ResourceNotExists,
    TradeError,
)

if TYPE_CHECKING:
    from sandbox.ledger import Ledger
    from sandbox.ledger.records import Refund, Trade
    from sandbox.provider import Provider

OUT_REFUND_NO = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
TRANSACTION_ID = re.compile(r"[0-9]{1,32}")
MAX_REFUNDS = 50
TERM = timedelta(days=365)
FUNDS_ACCOUNT = re.compile(r"AVAILABLE|UNSETTLED")


@dataclass(frozen=True, kw_only=True)
class RefundOrder:
    """One of ``transaction_id`` and ``out_trade_no`` is ""; amounts are fen."""

    transaction_id: str
    out_trade_no: str
    out_refund_no: str
    refund_fen: int
    total_fen: int
    reason: str
    notify_url: str


def read(body: bytes) -> RefundOrder:
    """Raises ParamError."""
    content = fields.read(body)
    transaction_id = content.text("transaction_id", longest=32, form=TRANSACTION_ID)
    out_trade_no = content.text("out_trade_no", longest=32, form=OUT_TRADE_NO)
    if bool(transaction_id) == bool(out_trade_no):
        raise ParamError("transaction_id 与 out_trade_no 应二选一")
    content.text("funds_account", longest=32, form=FUNDS_ACCOUNT)
    amount = content.inner("amount", is_required=True)
    amount.currency(is_required=True)
    order = RefundOrder(
        transaction_id=transaction_id,
        out_trade_no=out_trade_no,
        out_refund_no=content.text(
            "out_refund_no", longest=64, form=OUT_REFUND_NO, is_required=True
        ),
        refund_fen=amount.fen("refund"),
        total_fen=amount.fen("total"),
        reason=content.text("reason", longest=80),
        notify_url=content.notify_url(),
    )
    if order.refund_fen > order.total_fen:
        raise ParamError("amount.refund 不可大于 amount.total")
    return order


def give_back(provider: Provider, order: RefundOrder) -> dict[str, Any]:
    """Accept a refund, once for each number; what happened to it is told later. Raises Refusal."""
    if known := provider.ledger.by_out_refund_no(NAME, order.out_refund_no):
        return _repeated(*known, order)
    trade = _refundable(provider, order)
    try:
        refund, _ = provider.refund(
            trade,
            out_request_no=order.out_refund_no,
            fen=order.refund_fen,
            reason=order.reason,
            notify_url=order.notify_url,
            status=_outcome(provider, trade),
        )
    except NoBalance:
        raise NotEnough from None
    except (NotPaid, TradeFinished):
        raise TradeError from None
    except MoreThanLeft:
        raise InvalidRequest("申请退款金额大于订单可退金额") from None
    return describe.refund(trade, refund, status=RefundStatus.PROCESSING)


def told(ledger: Ledger, out_refund_no: str) -> dict[str, Any]:
    """How a refund stands; raises Refusal."""
    known = ledger.by_out_refund_no(NAME, out_refund_no)
    if known is None:
        raise ResourceNotExists("退款单不存在")
    return describe.refund(*known)


def trade_of(ledger: Ledger, order: RefundOrder) -> Trade | None:
    """The trade that a refund names, by either of its numbers."""
    if order.transaction_id:
        return ledger.by_trade_no(NAME, order.transaction_id)
    return ledger.by_out_trade_no(NAME, order.out_trade_no)


def _repeated(trade: Trade, refund: Refund, order: RefundOrder) -> dict[str, Any]:
    is_same_trade = (
        trade.trade_no == order.transaction_id or trade.out_trade_no == order.out_trade_no
    )
    if not is_same_trade or (refund.fen, trade.total_fen) != (order.refund_fen, order.total_fen):
        raise RefundFeeMismatch
    return describe.refund(trade, refund)


def _refundable(provider: Provider, order: RefundOrder) -> Trade:
    ledger = provider.ledger
    trade = trade_of(ledger, order)
    if trade is None:
        raise ResourceNotExists("订单不存在")
    if trade.paid_at is None:
        raise TradeError
    if order.total_fen != trade.total_fen:
        raise RefundFeeMismatch
    if ledger.now() - trade.paid_at > TERM:
        raise InvalidRequest("订单已超过一年的退款期限")
    if len(ledger.refunds_of(trade.id)) >= MAX_REFUNDS:
        raise InvalidRequest(f"一笔订单最多退款 {MAX_REFUNDS} 次")
    return trade


def _outcome(provider: Provider, trade: Trade) -> RefundStatus:
    for status in (RefundStatus.CLOSED, RefundStatus.ABNORMAL):
        if provider.faults.take(f"refund_{status.lower()}", NAME, trade.out_trade_no, "refund"):
            return status
    return RefundStatus.SUCCESS
