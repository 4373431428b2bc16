"""What the ledger holds, as values. Amounts are fen, times aware, "" is an absent text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sandbox.clock import BEIJING

if TYPE_CHECKING:
    import sqlite3


class TradeStatus(StrEnum):
    """A refund does not change it: ``refunded_fen`` does.

    OFFERED is a code that nobody scanned yet; Alipay says of such a trade that it does not exist.
    """

    OFFERED = "OFFERED"
    WAITING = "WAITING"
    PAID = "PAID"
    CLOSED = "CLOSED"


class RefundStatus(StrEnum):
    """PROCESSING and ABNORMAL hold their money back; CLOSED has let go of it."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    CLOSED = "CLOSED"
    ABNORMAL = "ABNORMAL"


class PayoutStatus(StrEnum):
    DEALING = "DEALING"
    SUCCESS = "SUCCESS"


class NoticeState(StrEnum):
    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    GIVEN_UP = "GIVEN_UP"


class NotPaid(Exception):
    """There is nothing to give back: the trade is unpaid or closed."""


class MoreThanLeft(Exception):
    """The refund is larger than what was paid less what was given back or is held for refunds."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a merchant asks a buyer to pay.

    ``product`` is the way of paying (page, wap, app, qr, native, h5, jsapi), ``code`` what a QR code of it
    holds; ``extra`` is whatever else the provider has to remember, as JSON.
    """

    provider: str
    product: str
    out_trade_no: str
    total_fen: int
    subject: str
    expires_at: datetime
    notify_url: str = ""
    return_url: str = ""
    code: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Trade(Order):
    """An order in the books; ``token`` is the secret in the address of its cashier page.

    ``refunded_fen`` went back to the buyer; ``held_fen`` belongs to refunds that are under way.
    """

    id: int
    token: str
    trade_no: str
    refunded_fen: int
    held_fen: int
    status: TradeStatus
    created_at: datetime
    paid_at: datetime | None
    closed_at: datetime | None

    @property
    def left_fen(self) -> int:
        """What a new refund may take."""
        return self.total_fen - self.refunded_fen - self.held_fen

    @classmethod
    def of(cls, row: sqlite3.Row) -> Trade:
        return cls(
            id=row["id"],
            provider=row["provider"],
            product=row["product"],
            token=row["token"],
            code=row["code"] or "",
            out_trade_no=row["out_trade_no"],
            trade_no=row["trade_no"],
            total_fen=row["total_fen"],
            refunded_fen=row["refunded_fen"],
            held_fen=row["held_fen"],
            subject=row["subject"],
            notify_url=row["notify_url"],
            return_url=row["return_url"],
            extra=json.loads(row["extra"]),
            status=TradeStatus(row["status"]),
            created_at=datetime.fromtimestamp(row["created_at"], BEIJING),
            expires_at=datetime.fromtimestamp(row["expires_at"], BEIJING),
            paid_at=_moment(row["paid_at"]),
            closed_at=_moment(row["closed_at"]),
        )


@dataclass(frozen=True, kw_only=True)
class Refund:
    """``out_request_no`` is the merchant's number of it, ``refund_no`` the provider's."""

    id: int
    trade_id: int
    out_request_no: str
    refund_no: str
    fen: int
    reason: str
    notify_url: str
    status: RefundStatus
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> Refund:
        return cls(
            id=row["id"],
            trade_id=row["trade_id"],
            out_request_no=row["out_request_no"],
            refund_no=row["refund_no"],
            fen=row["fen"],
            reason=row["reason"],
            notify_url=row["notify_url"],
            status=RefundStatus(row["status"]),
            created_at=datetime.fromtimestamp(row["created_at"], BEIJING),
            finished_at=_moment(row["finished_at"]),
        )


@dataclass(frozen=True, kw_only=True)
class Payout:
    """Money from the merchant's account to somebody, outside any trade."""

    id: int
    provider: str
    out_biz_no: str
    order_no: str
    fen: int
    payee: str
    title: str
    status: PayoutStatus
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> Payout:
        return cls(
            id=row["id"],
            provider=row["provider"],
            out_biz_no=row["out_biz_no"],
            order_no=row["order_no"],
            fen=row["fen"],
            payee=row["payee"],
            title=row["title"],
            status=PayoutStatus(row["status"]),
            created_at=datetime.fromtimestamp(row["created_at"], BEIJING),
            finished_at=_moment(row["finished_at"]),
        )


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What a merchant is to be told: written down with the step that it announces.

    ``event_id`` is the same in all tries. ``content`` is the provider's own wording, as JSON, unsigned and
    unencrypted: each try does that anew. ``delay_seconds`` puts off the first try.
    """

    event_id: str
    url: str
    content: dict[str, Any]
    delay_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Notice:
    """An announcement on its way."""

    id: int
    provider: str
    out_trade_no: str
    event_id: str
    is_refund: bool
    url: str
    content: dict[str, Any]
    state: NoticeState
    tries: int
    due_at: float
    last_answer: str

    @classmethod
    def of(cls, row: sqlite3.Row) -> Notice:
        return cls(
            id=row["id"],
            provider=row["provider"],
            out_trade_no=row["out_trade_no"],
            event_id=row["event_id"],
            is_refund=row["refund_id"] is not None,
            url=row["url"],
            content=json.loads(row["content"]),
            state=NoticeState(row["state"]),
            tries=row["tries"],
            due_at=row["due_at"],
            last_answer=row["last_answer"],
        )


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A trade with all that hangs on it, oldest first."""

    trade: Trade
    refunds: list[Refund]
    notices: list[Notice]


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One row of a day's bill: a payment, or with ``refund`` a refund, whose amounts are negative."""

    trade: Trade
    refund: Refund | None
    fen: int
    fee_fen: int
    moved_at: datetime


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, BEIJING)
