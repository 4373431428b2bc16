from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

Outcome = Literal["paid", "closed", "other"]


@dataclass(frozen=True)
class ProviderEvent:
    """What a provider said of one payment, its signature already checked. Only a gateway makes one.

    ``event_id`` is the same for every repetition of the same statement. ``amount`` is CNY yuan unless ``currency`` says
    otherwise; ``payload`` is what was received.
    """

    provider: str
    kind: Literal["notice", "query"]
    event_id: str
    out_trade_no: str
    trade_no: str
    app_id: str
    seller_id: str
    amount: Decimal
    currency: str
    status: str
    outcome: Outcome
    paid_at: datetime | None
    payload: Mapping[str, Any]
