"""A day's bill: when a provider hands it out, what its rows are, and where the file waits to be fetched."""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sandbox.clock import BEIJING
from sandbox.ledger.records import Movement, Trade, TradeStatus
from sandbox.money import fee_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sandbox.faults import Fault, Faults
    from sandbox.ledger import Ledger


class Bills:
    """The switches that begin with ``bill_`` act here, but for ``bill_broken_hash``."""

    def __init__(self, ledger: Ledger, faults: Faults) -> None:
        self._ledger = ledger
        self._faults = faults

    def is_ready(self, provider: str, day: date, *, hour: int) -> bool:
        """Whether the provider, who makes bills at this hour of the next Beijing day, has made this one."""
        if self._faults.take("bill_not_ready", provider, action="bill"):
            return False
        now = self._ledger.now().astimezone(BEIJING)
        if now >= datetime.combine(day + timedelta(days=1), time(hour), BEIJING):
            return True
        return day <= now.date() and bool(self._faults.take("bill_early", provider, action="bill"))

    def rows(self, provider: str, day: date) -> list[Movement]:
        """What moved on that day, less the truth of every switch: each changes the first row it covers."""
        rows = self._ledger.movements(provider, day)
        for fault in self._faults.listed():
            if fault.name == "bill_extra_row" and self._acts(fault, provider):
                rows.append(_extra_row(provider, day, fault))
            elif change := CHANGES.get(fault.name):
                covered = [
                    row for row in rows if fault.out_trade_no in {"", row.trade.out_trade_no}
                ]
                if covered and self._acts(fault, provider):
                    place = rows.index(covered[0])
                    rows[place : place + 1] = change(covered[0], fault)
        return rows

    def _acts(self, fault: Fault, provider: str) -> bool:
        """Whether this very switch covers the provider's bills and is not used up; counts it down."""
        is_covered = fault.provider in {"", provider} and fault.action in {"", "bill"}
        return is_covered and self._faults.use(fault)


CHANGES: dict[str, Callable[[Movement, Fault], list[Movement]]] = {
    "bill_missing_row": lambda row, fault: [],
    "bill_duplicate_row": lambda row, fault: [row, row],
    "bill_other_amount": lambda row, fault: [replace(row, fen=row.fen + int(fault.value))],
    "bill_other_fee": lambda row, fault: [replace(row, fee_fen=row.fee_fen + int(fault.value))],
}


def _extra_row(provider: str, day: date, fault: Fault) -> Movement:
    """A payment of ``value`` fen at noon; its number is the switch's, else one that nobody gave out."""
    noon = datetime.combine(day, time(12), BEIJING)
    trade = Trade(
        id=0,
        provider=provider,
        product="page" if provider == "alipay" else "native",
        token="",
        out_trade_no=fault.out_trade_no or f"{day:%Y%m%d}EXTRA{fault.id}",
        trade_no=f"{day:%Y%m%d}22001{fault.id:015d}",
        total_fen=int(fault.value),
        refunded_fen=0,
        held_fen=0,
        subject="多出的一行",
        status=TradeStatus.PAID,
        created_at=noon,
        expires_at=noon,
        paid_at=noon,
        closed_at=None,
    )
    fee_fen = fee_of(trade.total_fen)
    return Movement(trade=trade, refund=None, fen=trade.total_fen, fee_fen=fee_fen, moved_at=noon)


class Downloads:
    """Files that wait under a secret address for a short while; forgotten when the process ends."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._files: dict[str, tuple[datetime, bytes]] = {}
        self._lock = threading.Lock()

    def offer(self, content: bytes, *, seconds: int) -> str:
        """Keep the file for so long; returns its token."""
        token = secrets.token_urlsafe(24)
        now = self._now()
        with self._lock:
            self._files = {key: file for key, file in self._files.items() if file[0] > now}
            self._files[token] = (now + timedelta(seconds=seconds), content)
        return token

    def fetch(self, token: str) -> bytes | None:
        """The file, as often as it is asked for in its time; None after that."""
        with self._lock:
            until, content = self._files.get(token, (None, b""))
        return content if until is not None and self._now() < until else None
