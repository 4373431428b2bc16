"""What all the books share."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from sandbox import clock
from sandbox.ledger.records import Trade

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.ledger.database import Database
    from sandbox.ledger.records import Announcement


class Books:
    """The database's lock also puts the clock in order with the writes: no trade is paid after
    somebody was told that it had expired.
    """

    database: Database
    now: Callable[[], datetime]

    def _seconds(self) -> int:
        return int(self.now().timestamp())

    def _trade(self, db: sqlite3.Connection, column: str, value: object) -> Trade | None:
        self._close_expired(db)
        query = f"SELECT * FROM trades WHERE {column} = ?"  # noqa: S608  # column is ours
        row = db.execute(query, (value,)).fetchone()
        return None if row is None else Trade.of(row)

    def _close_expired(self, db: sqlite3.Connection) -> None:
        """What is past its expiry reads as closed, and from now on is: a pay finds it so too."""
        db.execute(
            "UPDATE trades SET status = 'CLOSED', closed_at = expires_at"
            " WHERE status = 'WAITING' AND expires_at <= ?",
            (self._seconds(),),
        )

    def _announce(
        self,
        db: sqlite3.Connection,
        announcement: Announcement | None,
        *,
        trade_id: int,
        refund_id: int | None = None,
    ) -> None:
        if announcement is None:
            return
        db.execute(
            "INSERT INTO notices (trade_id, refund_id, event_id, url, content, state, due_at)"
            " VALUES (?, ?, ?, ?, ?, 'WAITING', ?)",
            (
                trade_id,
                refund_id,
                announcement.event_id,
                announcement.url,
                json.dumps(announcement.content, ensure_ascii=False),
                self.now().timestamp() + announcement.delay_seconds,
            ),
        )


def new_number(now: datetime, kind: str) -> str:
    """28 digits that begin with the Beijing date, as the providers' do."""
    return f"{now.astimezone(clock.BEIJING):%Y%m%d}{kind}{secrets.randbelow(10**15):015d}"
