"""Asking after an attempt, and closing it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.payment.exceptions import MalformedNotice, Rejected, Unknown
from apps.payment.gateways.alipay.answers import bare, told_about
from apps.payment.gateways.alipay.fields import (
    PROVIDER,
    amount_in,
    moment_in,
    outcome_of,
    required,
)
from apps.payment.gateways.alipay.line import Line
from apps.payment.gateways.interface import PaymentTold

NOT_KNOWN = "TRADE_NOT_EXIST"


def query(
    line: Line, out_trade_no: str, *, at: datetime, app_id: str, account: str
) -> PaymentTold | None:
    """What Alipay knows of an attempt; None while the buyer has not opened it. Raises GatewayError."""
    try:
        node = line.call("alipay.trade.query", {"out_trade_no": out_trade_no}, at)
    except Rejected as refusal:
        if bare(refusal.sub_code) == NOT_KNOWN:
            return None
        raise
    told_about([("out_trade_no", out_trade_no)], node)
    try:
        # The answer names no app or seller; it came over our connection, in answer to our signed question.
        return payment_told(
            node,
            kind="query",
            event_id=f"query:{out_trade_no}:{node.get('trade_status')}",
            app_id=app_id,
            account=account,
            paid_at=node.get("send_pay_date"),
            payer=node.get("buyer_user_id") or node.get("buyer_open_id") or "",
        )
    except MalformedNotice as exc:
        raise Unknown(f"The answer lacks {exc.extra}") from exc


def close(line: Line, out_trade_no: str, *, at: datetime) -> bool:
    """Let nobody pay; False while the buyer has not opened it. Raises GatewayError; Rejected: ask how it stands."""
    try:
        node = line.call("alipay.trade.close", {"out_trade_no": out_trade_no}, at)
    except Rejected as refusal:
        if bare(refusal.sub_code) == NOT_KNOWN:
            return False
        raise
    told_about([("out_trade_no", out_trade_no)], node)
    return True


def payment_told(fields: Mapping[str, Any], *, paid_at: str | None, **given: Any) -> PaymentTold:
    """What a notice or an answer says of a payment. Raises MalformedNotice."""
    status = required(fields, "trade_status")
    return PaymentTold(
        provider=PROVIDER,
        out_trade_no=required(fields, "out_trade_no"),
        trade_no=required(fields, "trade_no"),
        amount=amount_in(required(fields, "total_amount")),
        currency=fields.get("trans_currency") or "CNY",
        status=status,
        outcome=outcome_of(status, fields),
        paid_at=moment_in(paid_at),
        payload=dict(fields),
        **given,
    )
