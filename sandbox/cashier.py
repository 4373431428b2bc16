"""The page where a buyer pays, refuses or leaves; the same for every provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, request

from sandbox.ledger.records import TradeStatus
from sandbox.provider import provider

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from sandbox.ledger.records import Trade

cashier = Blueprint("cashier", __name__)


@cashier.get("/cashier/<token>/")
def show(token: str) -> Response:
    trade = provider().ledger.by_token(token)
    if trade is None:
        return message("没有这个收银台", "链接有误，或这笔交易不属于本沙箱。", status=404)
    return _state_of(trade)


@cashier.post("/cashier/<token>/")
def act(token: str) -> AnyResponse:
    trade = provider().ledger.by_token(token)
    if trade is None:
        return message("没有这个收银台", "链接有误，或这笔交易不属于本沙箱。", status=404)
    action = request.form.get("action", "")
    if action == "pay":
        return _pay(trade)
    if action not in {"refuse", "leave"}:
        return message("无法识别的操作", "请返回收银台，使用页面上的按钮。", status=400)
    if trade.status != TradeStatus.WAITING:
        return _state_of(trade)
    if action == "refuse":
        return message(
            "支付失败", "余额不足，银行拒绝了这笔付款。没有扣款，可以再次支付。", trade=trade
        )
    if address := provider().channel(trade).leave_address(trade):
        return redirect(address)
    return message("已离开收银台", "这笔订单尚未支付。链接在到期前一直有效。", trade=trade)


def message(title: str, text: str, *, trade: Trade | None = None, status: int = 200) -> Response:
    page = render_template("message.html", title=title, text=text, trade=trade)
    return Response(page, status=status)


def _pay(trade: Trade) -> AnyResponse:
    """A second click finds the trade paid and goes where the first one went."""
    provider().pay(trade.token)
    paid = provider().ledger.by_token(trade.token) or trade
    return_address = provider().channel(paid).return_address(paid)
    if return_address is None:
        return _state_of(paid)
    return redirect(return_address)


def _state_of(trade: Trade) -> Response:
    channel = provider().channel(trade)
    return Response(
        render_template(
            "cashier.html",
            trade=trade,
            channel=channel,
            return_address=channel.return_address(trade),
        )
    )
