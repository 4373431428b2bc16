"""A worker in a process of its own, to be killed: ``python -m tests.payment.worker BANK JOBS LATER [CALL MOMENT]``.

BANK is the file that holds the provider's books, JOBS are names of services, LATER is by how many minutes its clock is
ahead. At the MOMENT (``enter`` or ``leave``) of a CALL it says "stopped" and waits for its end. At its own end it says
what became of everything.
"""

import json
import os
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

from apps.core.clock import BEIJING
from apps.payment.gateways.interface import BillLine
from tests.payment.fake_gateway import Bank, Trade
from tests.processes import say, stop


@dataclass
class BankOnFile(Bank):
    """Its books outlive the process that asks it."""

    file: Path = Path()
    stop_at: tuple[str, ...] = ()

    @classmethod
    def open(cls, file: Path, *stop_at: str) -> "BankOnFile":
        books = json.loads(file.read_text())
        bank = cls(file=file, stop_at=stop_at, calls=books["calls"], refunds=books["refunds"])
        bank.trades = {no: _trade(*it) for no, it in books["trades"].items()}
        bank.amounts = {no: Decimal(it) for no, it in books["amounts"].items()}
        return bank

    def enter(self, call: str) -> None:
        super().enter(call)
        write_books(self, self.file)
        self._stop(call, "enter")

    def leave(self, call: str) -> None:
        write_books(self, self.file)
        self._stop(call, "leave")
        super().leave(call)

    def billed(self, day: date) -> list[BillLine]:
        """The payments of a day."""
        return [
            BillLine(
                kind="payment",
                out_trade_no=number,
                out_request_no="",
                trade_no=f"bank-{number}",
                amount=trade.amount,
                fee=Decimal("0.00"),
                status="",
                at=trade.paid_at,
            )
            for number, trade in self.trades.items()
            if trade.paid_at and trade.paid_at.astimezone(BEIJING).date() == day
        ]

    def _stop(self, *here: str) -> None:
        if here == self.stop_at:
            stop()


def write_books(bank: Bank, file: Path) -> None:
    books: dict[str, Any] = {"calls": bank.calls, "refunds": bank.refunds}
    books["trades"] = {
        no: [str(it.amount), it.status, it.paid_at and it.paid_at.isoformat()]
        for no, it in bank.trades.items()
    }
    books["amounts"] = {no: str(it) for no, it in bank.amounts.items()}
    file.write_text(json.dumps(books))


def _trade(amount: str, status: str, paid_at: str | None) -> Trade:
    return Trade(Decimal(amount), status, datetime.fromisoformat(paid_at) if paid_at else None)


def main(file: str, jobs: str, later: str, *stop_at: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "meiduo.settings.test"
    django.setup()

    from django.core.management import call_command
    from django.utils import timezone

    from apps.orders.models import OrderInfo
    from apps.payment import services
    from apps.payment.models import Difference, Payment, Refund, Statement
    from apps.payment.services import reconciliation
    from tests.payment.fake_gateway import open_banks

    real = timezone.now
    timezone.now = lambda: real() + timedelta(minutes=int(later))
    bank = BankOnFile.open(Path(file), *stop_at)
    with open_banks(bank):
        for job in jobs.split(","):
            (getattr(services, job, None) or getattr(reconciliation, job))()
    call_command("audit", verbosity=0)
    state = {
        "order": OrderInfo.objects.get().status,
        "payment": Payment.objects.get().state,
        "refunds": list(Refund.objects.order_by("pk").values_list("state", flat=True)),
        "statements": list(Statement.objects.values_list("state", flat=True)),
        "differences": Difference.objects.unsettled().count(),
        "returned": str(bank.returned(Payment.objects.get().out_trade_no)),
        "trade": next(iter(bank.trades.values())).status,
        "calls": bank.calls,
    }
    say(state)


if __name__ == "__main__":
    main(*sys.argv[1:])
