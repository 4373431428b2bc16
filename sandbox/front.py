"""The sandbox's front page: what happened lately, and a place to scan codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, request, url_for

from sandbox.cashier import message
from sandbox.ledger.records import TradeStatus
from sandbox.provider import provider

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

RECENT_TRADES = 50

front = Blueprint("front", __name__)


@front.get("/")
def show() -> str:
    serving = provider()
    return render_template(
        "front.html",
        channels=serving.channels,
        missing=serving.missing,
        retry_scale=serving.config.retry_scale,
        entries=serving.ledger.recent(RECENT_TRADES),
        faults=[fault for fault in serving.faults.listed() if fault.times != 0],
    )


@front.get("/healthz")
def healthz() -> Response:
    """Not well without its messenger: payments would be taken that no merchant hears of."""
    is_well = provider().notifier.is_alive()
    return Response(
        "ok" if is_well else "the notice thread has died",
        status=200 if is_well else 503,
        content_type="text/plain; charset=utf-8",
    )


@front.post("/scan")
def scan() -> AnyResponse:
    """Come from the text of a QR code to its cashier page, as a phone does."""
    ledger = provider().ledger
    trade = ledger.by_code(request.form.get("code", "").strip())
    if trade is None:
        return message("无法识别的二维码", "这不是本沙箱的付款码，请粘贴完整的内容。", status=404)
    has_run_out = provider().channel(trade).has_run_out(trade, now=ledger.now())
    if has_run_out or (trade.status == TradeStatus.OFFERED and not ledger.begin(trade.id)):
        return message("二维码已过期", "没有扣款。请回到商户重新下单。", status=410)
    return redirect(url_for("cashier.show", token=trade.token))
