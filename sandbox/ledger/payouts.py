"""Money that a merchant sends to somebody, outside any trade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.ledger.books import Books, new_number
from sandbox.ledger.records import Payout, PayoutStatus

if TYPE_CHECKING:
    import sqlite3


class Payouts(Books):
    def pay_out(
        self,
        provider: str,
        *,
        out_biz_no: str,
        fen: int,
        payee: str,
        title: str,
        status: PayoutStatus = PayoutStatus.SUCCESS,
    ) -> tuple[Payout, bool]:
        """The provider's payout of this number, made now if there is none, and whether it was made now.

        A repeat moves nothing; the caller compares amount and payee.
        """
        now = self.now()
        seconds = int(now.timestamp())
        with self.database.transaction() as db:
            made = db.execute(
                "INSERT INTO payouts (provider, out_biz_no, order_no, fen, payee, title, status,"
                " created_at, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (provider, out_biz_no) DO NOTHING",
                (
                    provider,
                    out_biz_no,
                    new_number(now, "11007"),
                    fen,
                    payee,
                    title,
                    status,
                    seconds,
                    seconds if status == PayoutStatus.SUCCESS else None,
                ),
            )
            payout = _payout(db, "out_biz_no", provider, out_biz_no)
        assert payout is not None  # noqa: S101  # inserted above, if it was not there before
        return payout, made.rowcount == 1

    def finish_payout(self, payout_id: int) -> bool:
        """The money of a payout that was DEALING has arrived; False if it had before."""
        with self.database.transaction() as db:
            ended = db.execute(
                "UPDATE payouts SET status = 'SUCCESS', finished_at = ?"
                " WHERE id = ? AND status = 'DEALING'",
                (self._seconds(), payout_id),
            )
        return ended.rowcount == 1

    def by_out_biz_no(self, provider: str, out_biz_no: str) -> Payout | None:
        with self.database.transaction() as db:
            return _payout(db, "out_biz_no", provider, out_biz_no)

    def by_order_no(self, provider: str, order_no: str) -> Payout | None:
        with self.database.transaction() as db:
            return _payout(db, "order_no", provider, order_no)

    def dealing_payouts(self) -> list[Payout]:
        """Those that have yet to arrive, oldest first."""
        return [payout for payout in self.payouts() if payout.status == PayoutStatus.DEALING]

    def payouts(self) -> list[Payout]:
        """All of them, oldest first."""
        with self.database.transaction() as db:
            return [Payout.of(row) for row in db.execute("SELECT * FROM payouts ORDER BY id")]


def _payout(db: sqlite3.Connection, column: str, provider: str, number: str) -> Payout | None:
    query = f"SELECT * FROM payouts WHERE provider = ? AND {column} = ?"  # noqa: S608  # column is ours
    row = db.execute(query, (provider, number)).fetchone()
    return None if row is None else Payout.of(row)
