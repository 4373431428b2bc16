"""The pages a browser sees: the cashier, where a buyer pays, and the sandbox's front page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, request, url_for

from sandbox.notices import MAX_TRIES
from sandbox.provider import provider
from sandbox.records import TradeStatus

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from sandbox.records import Trade

RECENT_TRADES = 50

cashier = Blueprint("cashier", __name__)


@cashier.get("/")
def front() -> str:
    config = provider().config
    return render_template(
        "front.html",
        gateway_url=url_for("gateway.do", _external=True),
        config=config,
        trades=provider().ledger.recent(RECENT_TRADES),
        max_tries=MAX_TRIES,
    )


@cashier.get("/healthz")
def healthz() -> Response:
    """Not well without its messenger: payments would be taken that no merchant hears of."""
    is_well = provider().notifier.is_alive()
    return Response(
        "ok" if is_well else "the notice thread has died",
        status=200 if is_well else 503,
        content_type="text/plain; charset=utf-8",
    )


@cashier.get("/cashier/<token>/")
def show(token: str) -> Response:
    trade = provider().ledger.by_token(token)
    if trade is None:
        return _message("没有这个收银台", "链接有误，或这笔交易不属于本沙箱。", status=404)
    return _state_of(trade)


@cashier.post("/cashier/<token>/")
def act(token: str) -> AnyResponse:
    trade = provider().ledger.by_token(token)
    if trade is None:
        return _message("没有这个收银台", "链接有误，或这笔交易不属于本沙箱。", status=404)
    action = request.form.get("action", "")
    if action == "pay":
        return _pay(trade)
    if action not in {"refuse", "leave"}:
        return _message("无法识别的操作", "请返回收银台，使用页面上的按钮。", status=400)
    if trade.status != TradeStatus.WAIT_BUYER_PAY:
        return _state_of(trade)
    if action == "refuse":
        return _message(
            "支付失败", "余额不足，银行拒绝了这笔付款。没有扣款，可以再次支付。", trade=trade
        )
    return _message("已离开收银台", "这笔订单尚未支付。链接在到期前一直有效。", trade=trade)


def _pay(trade: Trade) -> AnyResponse:
    """A second click finds the trade paid and goes where the first one went."""
    provider().pay(trade.token)
    paid = provider().ledger.by_token(trade.token) or trade
    return_address = provider().return_address(paid)
    if return_address is None:
        return _state_of(paid)
    return redirect(return_address)


def _state_of(trade: Trade) -> Response:
    return Response(
        render_template(
            "cashier.html",
            trade=trade,
            seller_id=provider().config.seller_id,
            return_address=provider().return_address(trade),
        )
    )


def _message(title: str, text: str, *, trade: Trade | None = None, status: int = 200) -> Response:
    page = render_template("message.html", title=title, text=text, trade=trade)
    return Response(page, status=status)
