"""Money on its way back to buyers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.ledger.books import Books, new_number
from sandbox.ledger.records import MoreThanLeft, NotPaid, Refund, RefundStatus, TradeStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from sandbox.ledger.records import Announcement, Trade

    Describe = Callable[[Trade, Refund], Announcement | None]


class Refunds(Books):
    def refund(
        self,
        trade_id: int,
        *,
        out_request_no: str,
        fen: int,
        reason: str,
        notify_url: str,
        status: RefundStatus,
        describe: Describe,
    ) -> tuple[Refund, bool]:
        """The trade's refund of this number, made now if there is none, and whether it was made now.

        A repeat moves nothing and returns the first one; the caller compares the amount. SUCCESS moves the
        money at once and writes the notice, any other status holds it; ``finish_refund`` goes on from there.
        Raises NotPaid or MoreThanLeft, and then nothing has changed.
        """
        now = self.now()
        with self.database.transaction() as db:
            if known := self._refund(db, trade_id, out_request_no):
                return known, False
            self._take(db, trade_id, fen, status)
            is_final = status != RefundStatus.PROCESSING
            db.execute(
                "INSERT INTO refunds (trade_id, out_request_no, refund_no, fen, reason, notify_url,"
                " status, created_at, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    trade_id,
                    out_request_no,
                    new_number(now, "50300"),
                    fen,
                    reason,
                    notify_url,
                    status,
                    int(now.timestamp()),
                    int(now.timestamp()) if is_final else None,
                ),
            )
            refund = self._refund(db, trade_id, out_request_no)
            assert refund is not None  # noqa: S101  # inserted above
            if is_final:
                self._announce_refund(db, refund, describe)
        return refund, True

    def finish_refund(self, refund_id: int, status: RefundStatus, describe: Describe) -> bool:
        """End a refund that is PROCESSING or ABNORMAL, and write its notice; False if it had ended before.

        SUCCESS moves its money, CLOSED lets go of it, ABNORMAL goes on holding it.
        """
        with self.database.transaction() as db:
            ended = db.execute(
                "UPDATE refunds SET status = :status, finished_at = :now"
                " WHERE id = :id AND status IN ('PROCESSING', 'ABNORMAL') AND status <> :status",
                {"id": refund_id, "status": status, "now": self._seconds()},
            )
            if ended.rowcount != 1:
                return False
            row = db.execute("SELECT * FROM refunds WHERE id = ?", (refund_id,)).fetchone()
            refund = Refund.of(row)
            if status != RefundStatus.ABNORMAL:
                moved = refund.fen if status == RefundStatus.SUCCESS else 0
                db.execute(
                    "UPDATE trades SET held_fen = held_fen - ?, refunded_fen = refunded_fen + ?"
                    " WHERE id = ?",
                    (refund.fen, moved, refund.trade_id),
                )
            self._announce_refund(db, refund, describe)
            return True

    def refunds_of(self, trade_id: int) -> list[Refund]:
        """All of a trade's refunds, whatever became of them, oldest first."""
        with self.database.transaction() as db:
            rows = db.execute("SELECT * FROM refunds WHERE trade_id = ? ORDER BY id", (trade_id,))
            return [Refund.of(row) for row in rows]

    def by_out_request_no(self, trade_id: int, out_request_no: str) -> Refund | None:
        with self.database.transaction() as db:
            return self._refund(db, trade_id, out_request_no)

    def by_out_refund_no(self, provider: str, out_request_no: str) -> tuple[Trade, Refund] | None:
        """The first refund of this number in any of the provider's trades, with its trade."""
        return self._refund_where(
            "provider = ? AND out_request_no = ? ORDER BY r.id", (provider, out_request_no)
        )

    def by_refund_no(self, refund_no: str) -> tuple[Trade, Refund] | None:
        return self._refund_where("refund_no = ?", (refund_no,))

    def processing_refunds(self) -> list[tuple[Trade, Refund]]:
        """Those that somebody has yet to finish, of every provider, oldest first."""
        with self.database.transaction() as db:
            rows = db.execute(
                "SELECT * FROM refunds WHERE status = 'PROCESSING' ORDER BY id"
            ).fetchall()
            return [self._with_trade(db, Refund.of(row)) for row in rows]

    # --- Inside a transaction -------------------------------------------------------------------
    def _take(self, db: sqlite3.Connection, trade_id: int, fen: int, status: RefundStatus) -> None:
        """Move or hold the money if that much is left."""
        taken = db.execute(
            "UPDATE trades SET refunded_fen = refunded_fen + :moved, held_fen = held_fen + :held"
            " WHERE id = :id AND status = 'PAID' AND refunded_fen + held_fen + :fen <= total_fen",
            {
                "id": trade_id,
                "fen": fen,
                "moved": fen if status == RefundStatus.SUCCESS else 0,
                "held": fen if status in {RefundStatus.PROCESSING, RefundStatus.ABNORMAL} else 0,
            },
        )
        if taken.rowcount == 1:
            return
        trade = self._trade(db, "id", trade_id)
        if trade is None or trade.status != TradeStatus.PAID:
            raise NotPaid
        raise MoreThanLeft

    def _announce_refund(self, db: sqlite3.Connection, refund: Refund, describe: Describe) -> None:
        trade, refund = self._with_trade(db, refund)
        self._announce(db, describe(trade, refund), trade_id=trade.id, refund_id=refund.id)

    def _with_trade(self, db: sqlite3.Connection, refund: Refund) -> tuple[Trade, Refund]:
        trade = self._trade(db, "id", refund.trade_id)
        assert trade is not None  # noqa: S101  # the foreign key says so
        return trade, refund

    def _refund(self, db: sqlite3.Connection, trade_id: int, out_request_no: str) -> Refund | None:
        row = db.execute(
            "SELECT * FROM refunds WHERE trade_id = ? AND out_request_no = ?",
            (trade_id, out_request_no),
        ).fetchone()
        return None if row is None else Refund.of(row)

    def _refund_where(self, condition: str, values: tuple[str, ...]) -> tuple[Trade, Refund] | None:
        with self.database.transaction() as db:
            row = db.execute(
                "SELECT r.* FROM refunds r JOIN trades t ON t.id = r.trade_id"  # noqa: S608  # ours
                f" WHERE {condition}",
                values,
            ).fetchone()
            return None if row is None else self._with_trade(db, Refund.of(row))
