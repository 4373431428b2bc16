"""The provider's books in one SQLite file: trades, and the notices that announce them.

Every state step is a conditional UPDATE, and a notice is written in the transaction of the step
it announces, so neither a second click nor a killed process pays twice or forgets a notice.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from typing import TYPE_CHECKING

from sandbox import clock
from sandbox.records import Notice, NoticeState, Order, Trade, TradeStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS trades (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    out_trade_no TEXT NOT NULL UNIQUE,
    trade_no TEXT NOT NULL UNIQUE,
    total_fen INTEGER NOT NULL CHECK (total_fen > 0),
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    passback_params TEXT NOT NULL,
    notify_url TEXT NOT NULL,
    return_url TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    paid_at INTEGER,
    closed_at INTEGER,
    CHECK ((status = 'TRADE_SUCCESS') = (paid_at IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS trades_waiting ON trades (expires_at) WHERE status = 'WAIT_BUYER_PAY';
CREATE TABLE IF NOT EXISTS notices (
    id INTEGER PRIMARY KEY,
    trade_id INTEGER NOT NULL REFERENCES trades (id),
    notify_id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    fields TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL,
    last_answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS notices_due ON notices (state, due_at);
CREATE INDEX IF NOT EXISTS notices_of_trade ON notices (trade_id);
"""


class Ledger:
    """One connection behind one lock: safe to call from any thread.

    The lock also puts the clock in order with the writes: no trade is paid after somebody was
    told that it had expired.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = clock.now) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.now = now
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        # WAL with NORMAL keeps every commit when the process is killed; only a power cut may
        # take the last ones.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    # --- Trades ---------------------------------------------------------------------------------
    def open(self, order: Order) -> Trade:
        """The trade of this number, made now if there is none; an older one stays as it was."""
        now = self.now()
        with self._lock:
            self._db.execute(
                "INSERT INTO trades (token, out_trade_no, trade_no, total_fen, subject, body,"
                " passback_params, notify_url, return_url, status, created_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (out_trade_no) DO NOTHING",
                (
                    secrets.token_urlsafe(24),
                    order.out_trade_no,
                    _new_trade_no(now),
                    int(order.total_amount * 100),
                    order.subject,
                    order.body,
                    order.passback_params,
                    order.notify_url,
                    order.return_url,
                    TradeStatus.WAIT_BUYER_PAY,
                    int(now.timestamp()),
                    int(order.expires_at.timestamp()),
                ),
            )
            trade = self._trade("out_trade_no", order.out_trade_no)
        assert trade is not None  # noqa: S101  # inserted above, if it was not there before
        return trade

    def by_out_trade_no(self, out_trade_no: str) -> Trade | None:
        with self._lock:
            return self._trade("out_trade_no", out_trade_no)

    def by_trade_no(self, trade_no: str) -> Trade | None:
        with self._lock:
            return self._trade("trade_no", trade_no)

    def by_token(self, token: str) -> Trade | None:
        with self._lock:
            return self._trade("token", token)

    def pay(self, token: str, describe: Callable[[Trade], Mapping[str, str]]) -> bool:
        """Pay the trade and write down its notice, in one transaction; False if not payable.

        ``describe`` gives the notice's fields; a trade without ``notify_url`` gets no notice.
        """
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            now = self.now()
            paid = self._db.execute(
                "UPDATE trades SET status = 'TRADE_SUCCESS', paid_at = :now"
                " WHERE token = :token AND status = 'WAIT_BUYER_PAY' AND expires_at > :now",
                {"token": token, "now": int(now.timestamp())},
            )
            if paid.rowcount != 1:
                return False
            trade = self._trade("token", token)
            if trade is not None and trade.notify_url:
                self._announce(trade, describe(trade), now)
            return True

    def close_trade(self, trade_id: int) -> bool:
        """Close an unpaid trade; False if it was paid or closed before."""
        with self._lock:
            closed = self._db.execute(
                "UPDATE trades SET status = 'TRADE_CLOSED', closed_at = :now"
                " WHERE id = :id AND status = 'WAIT_BUYER_PAY' AND expires_at > :now",
                {"id": trade_id, "now": int(self.now().timestamp())},
            )
        return closed.rowcount == 1

    def recent(self, limit: int) -> list[tuple[Trade, Notice | None]]:
        """The newest trades, each with its latest notice."""
        with self._lock:
            self._close_expired()
            rows = self._db.execute("SELECT * FROM trades ORDER BY id DESC LIMIT ?", (limit,))
            return [(Trade.of(row), self._latest_notice(row["id"])) for row in rows.fetchall()]

    # --- Notices --------------------------------------------------------------------------------
    def due_notices(self) -> list[Notice]:
        """Those whose time has come, the longest overdue first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT * FROM notices WHERE state = 'WAITING' AND due_at <= ? ORDER BY due_at, id",
                (self.now().timestamp(),),
            ).fetchall()
        return [Notice.of(row) for row in rows]

    def next_due_at(self) -> float | None:
        """When the next notice is due, in seconds since the epoch; None if none waits."""
        with self._lock:
            row = self._db.execute(
                "SELECT MIN(due_at) AS due_at FROM notices WHERE state = 'WAITING'"
            ).fetchone()
        return None if row["due_at"] is None else float(row["due_at"])

    def record_try(
        self, notice: Notice, *, answer: str, state: NoticeState, due_at: float | None = None
    ) -> bool:
        """Write down how one try ended; False if the same try was recorded before."""
        with self._lock:
            recorded = self._db.execute(
                "UPDATE notices SET tries = tries + 1, last_answer = ?, state = ?,"
                " due_at = COALESCE(?, due_at)"
                " WHERE id = ? AND state = 'WAITING' AND tries = ?",
                (answer, state, due_at, notice.id, notice.tries),
            )
        return recorded.rowcount == 1

    # --- Inside the lock ------------------------------------------------------------------------
    def _trade(self, column: str, value: str) -> Trade | None:
        self._close_expired()
        query = f"SELECT * FROM trades WHERE {column} = ?"  # noqa: S608  # column is ours
        row = self._db.execute(query, (value,)).fetchone()
        return None if row is None else Trade.of(row)

    def _close_expired(self) -> None:
        """What is past its expiry reads as closed, and from now on is: a pay finds it so too."""
        self._db.execute(
            "UPDATE trades SET status = 'TRADE_CLOSED', closed_at = expires_at"
            " WHERE status = 'WAIT_BUYER_PAY' AND expires_at <= ?",
            (int(self.now().timestamp()),),
        )

    def _announce(self, trade: Trade, fields: Mapping[str, str], now: datetime) -> None:
        self._db.execute(
            "INSERT INTO notices (trade_id, notify_id, url, fields, state, due_at)"
            " VALUES (?, ?, ?, ?, 'WAITING', ?)",
            (
                trade.id,
                fields["notify_id"],
                trade.notify_url,
                json.dumps(dict(fields), ensure_ascii=False),
                now.timestamp(),
            ),
        )

    def _latest_notice(self, trade_id: int) -> Notice | None:
        row = self._db.execute(
            "SELECT * FROM notices WHERE trade_id = ? ORDER BY id DESC LIMIT 1", (trade_id,)
        ).fetchone()
        return None if row is None else Notice.of(row)


def _new_trade_no(now: datetime) -> str:
    """28 digits that begin with the Beijing date, as Alipay's do."""
    return f"{now.astimezone(clock.BEIJING):%Y%m%d}22001{secrets.randbelow(10**15):015d}"
