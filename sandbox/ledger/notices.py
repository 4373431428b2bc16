"""Announcements on their way to merchants."""

from __future__ import annotations

from sandbox.ledger.books import Books
from sandbox.ledger.records import Notice, NoticeState
from sandbox.ledger.trades import NOTICES


class Notices(Books):
    def due_notices(self) -> list[Notice]:
        """Those whose time has come, the longest overdue first."""
        with self.database.transaction() as db:
            rows = db.execute(
                f"{NOTICES} WHERE state = 'WAITING' AND due_at <= ? ORDER BY due_at, n.id",
                (self.now().timestamp(),),
            ).fetchall()
        return [Notice.of(row) for row in rows]

    def next_due_at(self, *, after: float = float("-inf")) -> float | None:
        """When the next notice is due, in seconds since the epoch; None if none waits."""
        with self.database.transaction() as db:
            row = db.execute(
                "SELECT MIN(due_at) AS due_at FROM notices WHERE state = 'WAITING' AND due_at > ?",
                (after,),
            ).fetchone()
        return None if row["due_at"] is None else float(row["due_at"])

    def record_try(
        self, notice: Notice, *, answer: str, state: NoticeState, due_at: float | None = None
    ) -> bool:
        """Write down how one try ended; False if the same try was recorded before."""
        with self.database.transaction() as db:
            recorded = db.execute(
                "UPDATE notices SET tries = tries + 1, last_answer = ?, state = ?,"
                " due_at = COALESCE(?, due_at)"
                " WHERE id = ? AND state = 'WAITING' AND tries = ?",
                (answer, state, due_at, notice.id, notice.tries),
            )
        return recorded.rowcount == 1
