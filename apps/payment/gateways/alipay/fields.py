"""The values in what Alipay says. Whatever does not read raises MalformedNotice."""

import base64
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from apps.payment.exceptions import MalformedNotice
from apps.payment.gateways.events import Outcome

BEIJING = ZoneInfo("Asia/Shanghai")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
PAID = {"TRADE_SUCCESS", "TRADE_FINISHED"}
# Before the point, as the column of an event holds them; Alipay itself takes up to 100,000,000.
MOST_DIGITS = 10


def is_base64(text: str) -> bool:
    """Whether this is Base64 and nothing besides: the SDK's decoder passes over what it does not know."""
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    except ValueError:
        return False


def outcome_of(status: str, fields: Mapping[str, Any]) -> Outcome:
    if status in PAID:
        return "paid"
    # TRADE_CLOSED is also what a fully refunded trade becomes.
    is_refunded = any(fields.get(name) for name in ("refund_fee", "gmt_refund"))
    return "closed" if status == "TRADE_CLOSED" and not is_refunded else "other"


def required(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not value:
        raise MalformedNotice(field=name)
    return str(value)


def amount_in(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as exc:
        raise MalformedNotice(field="total_amount") from exc
    is_sane = amount.is_finite() and amount.adjusted() < MOST_DIGITS
    if not is_sane or amount != amount.quantize(Decimal("0.01")):
        raise MalformedNotice(field="total_amount")
    return amount


def moment_in(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text[:19], TIME_FORMAT).replace(tzinfo=BEIJING) if text else None
    except ValueError as exc:
        raise MalformedNotice(field="time") from exc


def beijing_text(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime(TIME_FORMAT)
