"""The values in what Alipay says. Whatever does not read raises MalformedNotice."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from urllib.parse import parse_qsl

from apps.core.clock import BEIJING
from apps.payment.exceptions import MalformedNotice

PROVIDER = "alipay"
# We ask for the first; the other is the only one else that Alipay writes.
CHARSETS = {"utf-8", "gbk"}
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
PAID = {"TRADE_SUCCESS", "TRADE_FINISHED"}
# Before the point, as the column of an event holds them; Alipay itself takes up to 100,000,000.
MOST_DIGITS = 10


def outcome_of(status: str, fields: Mapping[str, Any]) -> Literal["paid", "closed", "other"]:
    if status in PAID:
        return "paid"
    # TRADE_CLOSED is also what a fully refunded trade becomes.
    return "closed" if status == "TRADE_CLOSED" and not is_refunded(fields) else "other"


def is_refunded(fields: Mapping[str, Any]) -> bool:
    """Whether a notice speaks of money that went back, be it a part."""
    return bool(fields.get("gmt_refund") or amount_in(fields.get("refund_fee") or "0"))


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


def charset_of(body: bytes) -> str:
    """What a form is written in, as it says itself: nothing of it is believed yet."""
    return dict(parse_qsl(body.decode("latin-1"))).get("charset", "utf-8").lower()


def form_in(body: bytes, charset: str) -> dict[str, str]:
    """The fields of a form as it was posted, blank ones kept; of a name that comes twice the last."""
    try:
        text = body.decode(charset)
        return dict(parse_qsl(text, keep_blank_values=True, encoding=charset, errors="strict"))
    except ValueError as exc:
        raise MalformedNotice(field="body") from exc
