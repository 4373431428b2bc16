"""What a day's bill lists."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sandbox.clock import BEIJING
from sandbox.ledger.books import Books
from sandbox.ledger.records import Movement, Refund, Trade
from sandbox.money import fee_of


class Bills(Books):
    def movements(self, provider: str, day: date) -> list[Movement]:
        """The payments paid and the refunds finished on one Beijing day, in the order of time.

        The fee is rounded row by row; a refund gives its share of it back.
        """
        start = datetime.combine(day, time(), BEIJING)
        span = (int(start.timestamp()), int((start + timedelta(days=1)).timestamp()))
        with self.database.transaction() as db:
            paid = [
                _movement(Trade.of(row))
                for row in db.execute(
                    "SELECT * FROM trades WHERE provider = ? AND paid_at >= ? AND paid_at < ?"
                    " ORDER BY id",
                    (provider, *span),
                ).fetchall()
            ]
            returned = [
                _movement(trade, refund)
                for refund in map(
                    Refund.of,
                    db.execute(
                        "SELECT * FROM refunds WHERE status = 'SUCCESS'"
                        " AND finished_at >= ? AND finished_at < ? ORDER BY id",
                        span,
                    ).fetchall(),
                )
                if (trade := self._trade(db, "id", refund.trade_id)) and trade.provider == provider
            ]
        return sorted(paid + returned, key=lambda movement: movement.moved_at)


def _movement(trade: Trade, refund: Refund | None = None) -> Movement:
    moved_at = trade.paid_at if refund is None else refund.finished_at
    assert moved_at is not None  # noqa: S101  # the queries ask for it
    fen = trade.total_fen if refund is None else -refund.fen
    return Movement(trade=trade, refund=refund, fen=fen, fee_fen=fee_of(fen), moved_at=moved_at)
