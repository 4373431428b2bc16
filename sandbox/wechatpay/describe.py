"""How WeChat Pay words a trade and a refund, in answers and in notices. Amounts are fen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.ledger.records import RefundStatus, TradeStatus
from sandbox.wechatpay.clock import rfc3339
from sandbox.wechatpay.orders import Product

if TYPE_CHECKING:
    from sandbox.ledger.records import Refund, Trade
    from sandbox.wechatpay.config import WechatPayConfig

# The one buyer of the sandbox.
OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
ACCOUNT = "支付用户零钱"

STATES = {
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "NOTPAY": "订单未支付",
    "CLOSED": "订单已关闭",
}


def trade_state(trade: Trade) -> str:
    """REFUND as soon as anything of it is given back, even a part."""
    if trade.status == TradeStatus.PAID:
        return "REFUND" if trade.refunded_fen + trade.held_fen else "SUCCESS"
    return "CLOSED" if trade.status == TradeStatus.CLOSED else "NOTPAY"


def trade_type(trade: Trade) -> str:
    return Product(trade.product).trade_type


def openid(trade: Trade) -> str:
    return trade.extra.get("openid") or OPENID


def attach(trade: Trade) -> str:
    return str(trade.extra.get("attach", ""))


def transaction(trade: Trade, config: WechatPayConfig) -> dict[str, Any]:
    """A trade as queries and payment notices tell it."""
    state = trade_state(trade)
    fields: dict[str, Any] = {
        "appid": config.appid,
        "mchid": config.mchid,
        "out_trade_no": trade.out_trade_no,
        "trade_state": state,
        "trade_state_desc": STATES[state],
        "attach": attach(trade),
        "amount": {"total": trade.total_fen, "currency": "CNY"},
        "promotion_detail": [],
    }
    if trade.paid_at is None:
        return fields
    return {
        **fields,
        "transaction_id": trade.trade_no,
        "trade_type": trade_type(trade),
        "bank_type": "OTHERS",
        "success_time": rfc3339(trade.paid_at),
        "payer": {"openid": openid(trade)},
        "amount": {
            "total": trade.total_fen,
            "payer_total": trade.total_fen,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
    }


def refund(trade: Trade, refund: Refund, *, status: RefundStatus | None = None) -> dict[str, Any]:
    """A refund as answers tell it; ``status`` tells another one than the books."""
    told = status or refund.status
    fields: dict[str, Any] = {
        "refund_id": refund.refund_no,
        "out_refund_no": refund.out_request_no,
        "transaction_id": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": ACCOUNT,
        "create_time": rfc3339(refund.created_at),
        "status": told.value,
        "funds_account": "AVAILABLE",
        "amount": {
            **_refunded(trade, refund),
            "settlement_total": trade.total_fen,
            "settlement_refund": refund.fen,
            "discount_refund": 0,
            "currency": "CNY",
        },
        "promotion_detail": [],
    }
    if told == RefundStatus.SUCCESS and refund.finished_at is not None:
        fields["success_time"] = rfc3339(refund.finished_at)
    return fields


def refund_event(trade: Trade, refund: Refund, config: WechatPayConfig) -> dict[str, Any]:
    """A refund as notices tell it: here its state is called ``refund_status``."""
    fields: dict[str, Any] = {
        "mchid": config.mchid,
        "out_trade_no": trade.out_trade_no,
        "transaction_id": trade.trade_no,
        "out_refund_no": refund.out_request_no,
        "refund_id": refund.refund_no,
        "refund_status": refund.status.value,
        "user_received_account": ACCOUNT,
        "amount": _refunded(trade, refund),
    }
    if refund.status == RefundStatus.SUCCESS and refund.finished_at is not None:
        fields["success_time"] = rfc3339(refund.finished_at)
    return fields


def _refunded(trade: Trade, refund: Refund) -> dict[str, int]:
    return {
        "total": trade.total_fen,
        "refund": refund.fen,
        "payer_total": trade.total_fen,
        "payer_refund": refund.fen,
    }
