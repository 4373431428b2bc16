"""Refunds of parts or the whole of a trade, and how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.alipay.channel import BUYER_ID, BUYER_LOGON_ID
from sandbox.alipay.orders import amount_fen, biz_content, optional_text
from sandbox.alipay.refusals import InvalidParameter, Refusal
from sandbox.alipay.trades import asked_for
from sandbox.clock import beijing_text
from sandbox.ledger.records import MoreThanLeft, NotPaid, RefundStatus
from sandbox.money import yuan_text
from sandbox.provider import NoBalance, TradeFinished

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.ledger.records import Refund, Trade
    from sandbox.provider import Provider

MAX_REQUEST_NO = 64
MAX_REASON = 256


def refund(provider: Provider, params: Mapping[str, str]) -> dict[str, object]:
    """``alipay.trade.refund``: once for each ``out_request_no``; ``fund_change`` tells a repeat.

    ``refund_fee`` is all that was refunded of the trade so far.
    """
    content = biz_content(params)
    trade = asked_for(provider, content)
    fen = amount_fen(content, "refund_amount")
    if fen == 0:
        raise Refusal("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效")
    reason = optional_text(content, "refund_reason")
    if len(reason) > MAX_REASON:
        raise InvalidParameter(f"refund_reason 不可超过 {MAX_REASON} 个字符")
    made, moved = _refunded(provider, trade, _request_no(content, trade, fen), fen, reason)
    if made.fen != fen:
        raise Refusal("ACQ.DISCORDANT_REPEAT_REQUEST", "退款请求号已用于另一笔金额不同的退款")
    after = provider.ledger.by_token(trade.token) or trade
    is_done = moved and made.status == RefundStatus.SUCCESS
    return {
        "buyer_logon_id": BUYER_LOGON_ID,
        "buyer_user_id": BUYER_ID,
        "fund_change": "Y" if is_done else "N",
        "out_trade_no": trade.out_trade_no,
        "refund_fee": yuan_text(after.refunded_fen),
        "trade_no": trade.trade_no,
    }


def query_refund(provider: Provider, params: Mapping[str, str]) -> dict[str, object]:
    """``alipay.trade.fastpay.refund.query``: of an unknown number it says nothing, and no error either."""
    content = biz_content(params)
    trade = asked_for(provider, content)
    request_no = optional_text(content, "out_request_no")
    if not request_no:
        raise InvalidParameter("out_request_no 不能为空")
    found = provider.ledger.by_out_request_no(trade.id, request_no)
    if found is None:
        return {}
    fields: dict[str, object] = {
        "out_request_no": request_no,
        "out_trade_no": trade.out_trade_no,
        "refund_amount": yuan_text(found.fen),
        "total_amount": yuan_text(trade.total_fen),
        "trade_no": trade.trade_no,
    }
    if found.status == RefundStatus.SUCCESS and found.finished_at:
        fields["refund_status"] = "REFUND_SUCCESS"
        options = content.get("query_options")
        if isinstance(options, list) and "gmt_refund_pay" in options:
            fields["gmt_refund_pay"] = beijing_text(found.finished_at)
    return fields


def _request_no(content: Mapping[str, object], trade: Trade, fen: int) -> str:
    """Alipay's rule: without a number the trade's own is taken, which only a refund in full may do."""
    request_no = optional_text(content, "out_request_no")
    if len(request_no) > MAX_REQUEST_NO:
        raise InvalidParameter(f"out_request_no 不可超过 {MAX_REQUEST_NO} 个字符")
    if not request_no and fen != trade.total_fen:
        raise InvalidParameter("部分退款时 out_request_no 不能为空")
    return request_no or trade.out_trade_no


def _refunded(
    provider: Provider, trade: Trade, request_no: str, fen: int, reason: str
) -> tuple[Refund, bool]:
    try:
        return provider.refund(trade, out_request_no=request_no, fen=fen, reason=reason)
    except NoBalance:
        raise Refusal("ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户余额不足") from None
    except TradeFinished:
        raise Refusal("ACQ.TRADE_HAS_FINISHED", "交易已完结，不可退款") from None
    except NotPaid:
        raise Refusal("ACQ.TRADE_STATUS_ERROR", "交易状态不合法") from None
    except MoreThanLeft:
        current = provider.ledger.by_token(trade.token) or trade
        if current.refunded_fen == current.total_fen:
            raise Refusal("ACQ.TRADE_STATUS_ERROR", "交易已全额退款") from None
        raise Refusal("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超过可退金额") from None
