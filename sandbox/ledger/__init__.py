"""The providers' books in one SQLite file: trades, refunds, payouts, and the notices that announce them.

Every state step is a conditional UPDATE, and a notice is written in the transaction of the step
it announces, so neither a second click nor a killed process pays twice or forgets a notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import clock
from sandbox.ledger.bills import Bills
from sandbox.ledger.database import Database
from sandbox.ledger.notices import Notices
from sandbox.ledger.payouts import Payouts
from sandbox.ledger.refunds import Refunds
from sandbox.ledger.trades import Trades

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path


class Ledger(Trades, Refunds, Payouts, Notices, Bills):
    """The books of every provider; ``provider`` in an order keeps them apart. Amounts are fen.

    A trade's life: ``open`` (or ``open`` with OFFERED and later ``begin``), ``pay`` or ``close_trade``; past
    its expiry it closes by itself. Then ``refund``, as often as something is left, and ``finish_refund`` if it
    was left PROCESSING. ``movements`` is what a day's bill lists.

    Whoever pays or refunds hands over a function that words the notice: it is called inside the
    transaction with the rows as they now stand, and may return None. Requests go through ``Provider.pay``,
    ``Provider.refund`` and ``Provider.finish_refund``, which do that and wake the messenger.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = clock.now) -> None:
        self.now = now
        self.database = Database(path)

    def close(self) -> None:
        self.database.close()
