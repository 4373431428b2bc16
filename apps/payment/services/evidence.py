"""What a provider said, as it is kept: told apart from whatever else it said, in a form that every database takes."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeVar

from apps.payment.gateways.interface import Told
from apps.payment.models import Payment, PaymentEvent, Refund

Said = TypeVar("Said", bound=Told)

WIDTHS = {
    "event_id": PaymentEvent._meta.get_field("event_id").max_length,
    "status": PaymentEvent._meta.get_field("status").max_length,
    "trade_no": Payment._meta.get_field("trade_no").max_length,
    "payer": Payment._meta.get_field("payer").max_length,
    "refund_no": Refund._meta.get_field("refund_no").max_length,
}
# PostgreSQL holds no NUL, and half of a character (which JSON can spell) is text nowhere.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# No number or status has a control character, and no mail takes one in its subject.
UNREADABLE = re.compile("[\0-\x1f\x7f\ud800-\udfff]")
# MySQL's moments begin with the year 1000, and the first and the last ones there are have none in UTC.
YEARS = range(1970, 9999)
# MariaDB takes no JSON nested more than 32 deep. What providers write is never near that.
DEEPEST = 16


def storable(told: Said) -> Said:
    """The same statement as every database takes it: texts cut to their columns, odd characters escaped."""
    changed = {name: _fitting(name, value) for name, value in claim(told).items()}
    return replace(told, **changed, payload=_storable_json(dict(told.payload)))


def claim(told: Told) -> dict[str, Any]:
    """All that we read out of a statement; not what was received, which names the moment of sending."""
    names = [each.name for each in fields(told) if each.name != "payload"]
    return {name: getattr(told, name) for name in names}


def digest(told: Told) -> str:
    """SHA-256 (hex) of what is claimed: another for a statement that differs, be it under the same number."""
    return hashlib.sha256(json.dumps(claim(told), default=str).encode()).hexdigest()


def _fitting(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value if value.year in YEARS else None
    if isinstance(value, str):
        return _escaped(UNREADABLE, value)[: WIDTHS.get(name)]
    return value


def _storable_json(value: Any, levels: int = DEEPEST) -> Any:
    if isinstance(value, str):
        return _escaped(UNSTORABLE, value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if not isinstance(value, Mapping | list):
        return value
    if not levels:
        return _storable_json(str(value))
    if isinstance(value, list):
        return [_storable_json(each, levels - 1) for each in value]
    return {
        _storable_json(str(name)): _storable_json(each, levels - 1) for name, each in value.items()
    }


def _escaped(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda odd: odd[0].encode("unicode_escape").decode(), text)
