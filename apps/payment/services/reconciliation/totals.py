from collections.abc import Iterable
from decimal import Decimal

from apps.payment.gateways.interface import BillLine
from apps.payment.models import Payment, Refund, Statement
from apps.payment.services.reconciliation.fees import expected_fee

NOTHING = Decimal("0.00")
COUNTS = ("their_payments", "their_refunds", "our_payments", "our_refunds")
SUMS = (
    "their_payment_amount",
    "their_refund_amount",
    "their_fee",
    "our_payment_amount",
    "our_refund_amount",
    "our_fee",
)


class Totals:
    """Adds up both sides of a day, batch by batch. Where no rate is agreed, the fees told are those expected."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._counts = dict.fromkeys(COUNTS, 0)
        self._sums = dict.fromkeys(SUMS, NOTHING)

    def add_theirs(self, lines: Iterable[BillLine]) -> None:
        for line in lines:
            expected = expected_fee(self._provider, line)
            self._counts[f"their_{line.kind}s"] += 1
            self._sums[f"their_{line.kind}_amount"] += line.amount
            self._sums["their_fee"] += line.fee
            self._sums["our_fee"] += line.fee if expected is None else expected

    def add_payments(self, payments: list[Payment]) -> None:
        self._counts["our_payments"] += len(payments)
        self._sums["our_payment_amount"] += sum(payment.amount for payment in payments)

    def add_refunds(self, refunds: list[Refund]) -> None:
        self._counts["our_refunds"] += len(refunds)
        self._sums["our_refund_amount"] += sum(refund.amount for refund in refunds)

    def write_to(self, statement: Statement) -> None:
        for name, value in {**self._counts, **self._sums}.items():
            setattr(statement, name, value)
