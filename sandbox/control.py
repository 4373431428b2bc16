"""For tests and for curious people: switches, the books, and refunds that wait to be finished."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for

from sandbox.cashier import message
from sandbox.faults import ACTIONS, KINDS, BadFault
from sandbox.ledger.records import RefundStatus
from sandbox.provider import provider

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from werkzeug.wrappers import Response as AnyResponse

    from sandbox.ledger.records import Entry, Payout

ALL_TRADES = 1_000_000

control = Blueprint("control", __name__)


# --- Switches -----------------------------------------------------------------------------------
@control.get("/faults")
def faults() -> Response:
    return jsonify([fault.as_dict() for fault in provider().faults.listed()])


@control.post("/faults")
def switch_on() -> tuple[Response, int]:
    wish = _json()
    if not isinstance(wish, dict):
        return jsonify(error="应为 JSON 对象"), 400
    try:
        fault = provider().faults.switch_on(wish)
    except BadFault as error:
        return jsonify(error=str(error)), 400
    return jsonify(fault.as_dict()), 201


@control.delete("/faults")
def clear_all() -> tuple[str, int]:
    provider().clear_faults()
    return "", 204


@control.delete("/faults/<int:fault_id>")
def clear(fault_id: int) -> tuple[str, int]:
    return "", 204 if provider().clear_faults(fault_id) else 404


@control.get("/switches")
def switches() -> str:
    return render_template(
        "switches.html",
        kinds=KINDS,
        actions=ACTIONS,
        names={name: channel.name for name, channel in provider().channels.items()},
        faults=provider().faults.listed(),
        out_trade_no=request.args.get("out_trade_no", ""),
        chosen=request.args.get("provider", ""),
    )


@control.post("/switches")
def press() -> AnyResponse:
    """The page's form: one switch on (``name``), one off (``off``), or all off (``off=all``)."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return message("来源不符", "请使用沙箱自己的页面。", status=403)
    form = request.form
    try:
        if off := form.get("off"):
            provider().clear_faults(None if off == "all" else int(off))
        else:
            provider().faults.switch_on(_wish(form))
    except (BadFault, ValueError) as error:
        return message("无法设置", str(error), status=400)
    return redirect(url_for("control.switches"))


def _json() -> object:
    """The body; one that cannot be read is refused, and so is one too deep to be read."""
    try:
        return request.get_json()
    except RecursionError:
        abort(400)


def _wish(form: Mapping[str, str]) -> dict[str, object]:
    """What was filled in; a number that is none raises ValueError."""
    read: dict[str, Callable[[str], object]] = {"times": int, "value": float}
    return {name: read.get(name, str)(text.strip()) for name, text in form.items() if text.strip()}


# --- Books --------------------------------------------------------------------------------------
@control.get("/ledger.json")
def ledger() -> Response:
    """Every trade and payout, oldest first, in fen; ``?provider=`` and ``?out_trade_no=`` narrow it."""
    wanted = {
        name: request.args[name] for name in ("provider", "out_trade_no") if request.args.get(name)
    }
    entries = [
        entry
        for entry in reversed(provider().ledger.recent(ALL_TRADES))
        if all(getattr(entry.trade, name) == value for name, value in wanted.items())
    ]
    payouts = provider().ledger.payouts()
    return jsonify(
        trades=[_trade(entry) for entry in entries], payouts=[_payout(payout) for payout in payouts]
    )


@control.post("/refunds/<refund_no>")
def finish_refund(refund_no: str) -> tuple[str, int]:
    """End a refund that is PROCESSING or ABNORMAL as ``{"status": SUCCESS, CLOSED or ABNORMAL}``."""
    found = provider().ledger.by_refund_no(refund_no)
    wish = _json()
    status = wish.get("status") if isinstance(wish, dict) else None
    if found is None:
        return "", 404
    if status not in {RefundStatus.SUCCESS, RefundStatus.CLOSED, RefundStatus.ABNORMAL}:
        return "", 400
    done = provider().finish_refund(found[1].id, RefundStatus(status))
    return "", 204 if done else 409


def _trade(entry: Entry) -> dict[str, object]:
    trade = entry.trade
    return {
        "provider": trade.provider,
        "product": trade.product,
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.trade_no,
        "status": trade.status,
        "subject": trade.subject,
        "total_fen": trade.total_fen,
        "refunded_fen": trade.refunded_fen,
        "held_fen": trade.held_fen,
        "code": trade.code,
        "cashier": url_for("cashier.show", token=trade.token),
        "created_at": _text(trade.created_at),
        "expires_at": _text(trade.expires_at),
        "paid_at": _text(trade.paid_at),
        "closed_at": _text(trade.closed_at),
        "refunds": [
            {
                "out_request_no": refund.out_request_no,
                "refund_no": refund.refund_no,
                "fen": refund.fen,
                "status": refund.status,
                "created_at": _text(refund.created_at),
                "finished_at": _text(refund.finished_at),
            }
            for refund in entry.refunds
        ],
        "notices": [
            {
                "event_id": notice.event_id,
                "is_refund": notice.is_refund,
                "state": notice.state,
                "tries": notice.tries,
                "last_answer": notice.last_answer,
            }
            for notice in entry.notices
        ],
    }


def _payout(payout: Payout) -> dict[str, object]:
    return {
        "provider": payout.provider,
        "out_biz_no": payout.out_biz_no,
        "order_no": payout.order_no,
        "fen": payout.fen,
        "payee": payout.payee,
        "status": payout.status,
        "finished_at": _text(payout.finished_at),
    }


def _text(moment: datetime | None) -> str | None:
    """ISO 8601 with Beijing's offset."""
    return None if moment is None else moment.isoformat()
