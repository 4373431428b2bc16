"""Orders that buyers pay."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from sandbox.ledger.books import Books, new_number
from sandbox.ledger.records import Entry, Notice, Refund, Trade, TradeStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from sandbox.ledger.records import Announcement, Order

NOTICES = "SELECT n.*, provider, out_trade_no FROM notices n JOIN trades t ON t.id = n.trade_id"


class Trades(Books):
    def open(self, order: Order, status: TradeStatus = TradeStatus.WAITING) -> Trade:
        """The provider's trade of this number, made now if there is none; an older one stays as it was.

        The caller compares amount and subject, and refuses if they differ.
        """
        now = self.now()
        with self.database.transaction() as db:
            db.execute(
                "INSERT INTO trades (provider, product, token, code, out_trade_no, trade_no, total_fen,"
                " subject, notify_url, return_url, extra, status, created_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (provider, out_trade_no) DO NOTHING",
                (
                    order.provider,
                    order.product,
                    secrets.token_urlsafe(24),
                    order.code or None,
                    order.out_trade_no,
                    new_number(now, "22001"),
                    order.total_fen,
                    order.subject,
                    order.notify_url,
                    order.return_url,
                    json.dumps(order.extra, ensure_ascii=False),
                    status,
                    int(now.timestamp()),
                    int(order.expires_at.timestamp()),
                ),
            )
            trade = self._numbered(db, "out_trade_no", order.provider, order.out_trade_no)
        assert trade is not None  # noqa: S101  # inserted above, if it was not there before
        return trade

    def begin(self, trade_id: int) -> bool:
        """An offered trade comes into being, its code scanned; False if it had, or has expired."""
        with self.database.transaction() as db:
            begun = db.execute(
                "UPDATE trades SET status = 'WAITING', created_at = :now"
                " WHERE id = :id AND status = 'OFFERED' AND expires_at > :now",
                {"id": trade_id, "now": self._seconds()},
            )
        return begun.rowcount == 1

    def by_out_trade_no(self, provider: str, out_trade_no: str) -> Trade | None:
        with self.database.transaction() as db:
            return self._numbered(db, "out_trade_no", provider, out_trade_no)

    def by_trade_no(self, provider: str, trade_no: str) -> Trade | None:
        with self.database.transaction() as db:
            return self._numbered(db, "trade_no", provider, trade_no)

    def by_token(self, token: str) -> Trade | None:
        with self.database.transaction() as db:
            return self._trade(db, "token", token)

    def by_code(self, code: str) -> Trade | None:
        """The trade whose QR code holds this text, of whichever provider."""
        with self.database.transaction() as db:
            return self._trade(db, "code", code)

    def pay(self, token: str, describe: Callable[[Trade], Announcement | None]) -> bool:
        """Pay the trade and write down its notice, in one transaction; False if not payable."""
        with self.database.transaction() as db:
            paid = db.execute(
                "UPDATE trades SET status = 'PAID', paid_at = :now"
                " WHERE token = :token AND status = 'WAITING' AND expires_at > :now",
                {"token": token, "now": self._seconds()},
            )
            trade = self._trade(db, "token", token)
            if paid.rowcount != 1 or trade is None:
                return False
            self._announce(db, describe(trade), trade_id=trade.id)
            return True

    def close_trade(self, trade_id: int) -> bool:
        """Close an unpaid trade; False if it was paid or closed before."""
        with self.database.transaction() as db:
            closed = db.execute(
                "UPDATE trades SET status = 'CLOSED', closed_at = :now"
                " WHERE id = :id AND status = 'WAITING' AND expires_at > :now",
                {"id": trade_id, "now": self._seconds()},
            )
        return closed.rowcount == 1

    def recode(self, trade_id: int, code: str) -> None:
        """Put a new code in the place of one that has run out."""
        with self.database.transaction() as db:
            db.execute("UPDATE trades SET code = ? WHERE id = ?", (code, trade_id))

    def return_to(self, trade_id: int, url: str) -> None:
        """Send the browser there after the payment: the merchant said so later than with its order."""
        with self.database.transaction() as db:
            db.execute("UPDATE trades SET return_url = ? WHERE id = ?", (url, trade_id))

    def recent(self, limit: int) -> list[Entry]:
        """The newest trades, each with its refunds and notices."""
        with self.database.transaction() as db:
            self._close_expired(db)
            rows = db.execute("SELECT * FROM trades ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
            return [_entry(db, Trade.of(row)) for row in rows]

    def _numbered(
        self, db: sqlite3.Connection, column: str, provider: str, number: str
    ) -> Trade | None:
        self._close_expired(db)
        query = f"SELECT * FROM trades WHERE provider = ? AND {column} = ?"  # noqa: S608  # column is ours
        row = db.execute(query, (provider, number)).fetchone()
        return None if row is None else Trade.of(row)


def _entry(db: sqlite3.Connection, trade: Trade) -> Entry:
    refunds = db.execute("SELECT * FROM refunds WHERE trade_id = ? ORDER BY id", (trade.id,))
    notices = db.execute(f"{NOTICES} WHERE n.trade_id = ? ORDER BY n.id", (trade.id,))
    return Entry(
        trade=trade,
        refunds=[Refund.of(row) for row in refunds],
        notices=[Notice.of(row) for row in notices],
    )
