"""The values in what WeChat Pay says and hears. Whatever does not read raises MalformedNotice."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.core.clock import BEIJING
from apps.payment.exceptions import MalformedNotice

# Ten digits of yuan before the point, as the column of an event holds them.
MOST_FEN = 10**12


def fen(amount: Decimal) -> int:
    """Whole fen of CNY yuan. Raises ValueError for a fraction of a fen: nobody shall round money on the way."""
    exact = amount * 100
    if exact != exact.to_integral_value():
        raise ValueError(f"{amount} is no whole number of fen")
    return int(exact)


def yuan(fields: Mapping[str, Any], name: str) -> Decimal:
    """CNY yuan of whole fen. JSON's true is no number here, and neither is 1.0."""
    value = fields.get(name)
    if type(value) is not int or not 0 <= value < MOST_FEN:
        raise MalformedNotice(field=name)
    return Decimal(value).scaleb(-2)


def text(fields: Mapping[str, Any], name: str) -> str:
    """What must be there and not be blank."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedNotice(field=name)
    return value


def nested(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    if not isinstance(value, dict):
        raise MalformedNotice(field=name)
    return value


def moment(fields: Mapping[str, Any], name: str) -> datetime:
    try:
        value = datetime.fromisoformat(text(fields, name))
    except ValueError as exc:
        raise MalformedNotice(field=name) from exc
    if value.tzinfo is None:
        raise MalformedNotice(field=name)
    return value


def object_in(body: bytes, name: str) -> dict[str, Any]:
    """A JSON object; ``name`` is what to call it if it is none."""
    try:
        content = json.loads(body)
    except ValueError as exc:
        raise MalformedNotice(field=name) from exc
    if not isinstance(content, dict):
        raise MalformedNotice(field=name)
    return content


def beijing_text(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds")


def cut(words: str, *, most_bytes: int) -> str:
    """As many whole characters as fit."""
    return words.encode()[:most_bytes].decode(errors="ignore")
