"""What the ledger holds, as values: orders, trades, notices."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from sandbox.clock import BEIJING

if TYPE_CHECKING:
    import sqlite3


class TradeStatus(StrEnum):
    WAIT_BUYER_PAY = "WAIT_BUYER_PAY"
    TRADE_SUCCESS = "TRADE_SUCCESS"
    TRADE_CLOSED = "TRADE_CLOSED"


class NoticeState(StrEnum):
    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    GIVEN_UP = "GIVEN_UP"


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a merchant asks a buyer to pay. ``total_amount`` is yuan; "" is an absent text."""

    out_trade_no: str
    total_amount: Decimal
    subject: str
    expires_at: datetime
    notify_url: str = ""
    return_url: str = ""
    body: str = ""
    passback_params: str = ""


@dataclass(frozen=True, kw_only=True)
class Trade(Order):
    """An order whose cashier page was opened; ``token`` is the secret in that page's address."""

    id: int
    token: str
    trade_no: str
    status: TradeStatus
    created_at: datetime
    paid_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> Trade:
        return cls(
            id=row["id"],
            token=row["token"],
            out_trade_no=row["out_trade_no"],
            trade_no=row["trade_no"],
            total_amount=Decimal(row["total_fen"]).scaleb(-2),
            subject=row["subject"],
            body=row["body"],
            passback_params=row["passback_params"],
            notify_url=row["notify_url"],
            return_url=row["return_url"],
            status=TradeStatus(row["status"]),
            created_at=datetime.fromtimestamp(row["created_at"], BEIJING),
            expires_at=datetime.fromtimestamp(row["expires_at"], BEIJING),
            paid_at=_moment(row["paid_at"]),
            closed_at=_moment(row["closed_at"]),
        )


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One announcement to the merchant; ``fields`` are not signed yet, each try signs anew."""

    id: int
    url: str
    fields: dict[str, str]
    state: NoticeState
    tries: int
    due_at: float
    last_answer: str

    @classmethod
    def of(cls, row: sqlite3.Row) -> Notice:
        return cls(
            id=row["id"],
            url=row["url"],
            fields=json.loads(row["fields"]),
            state=NoticeState(row["state"]),
            tries=row["tries"],
            due_at=row["due_at"],
            last_answer=row["last_answer"],
        )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, BEIJING)
