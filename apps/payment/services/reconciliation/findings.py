"""Differences as they are just found, not stored yet."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.payment.models import Difference, Payment, Refund, Statement, StatementLine
from apps.payment.services.reconciliation.days import is_of_age

Type = Difference.Type
State = Difference.State
# Kind, out_trade_no, out_request_no: what both sides call a movement of money.
Numbers = tuple[str, str, str]


@dataclass(frozen=True)
class Finding:
    kind: str
    type: str
    out_trade_no: str
    out_request_no: str
    trade_no: str
    ours: Decimal | None
    theirs: Decimal | None
    payment: Payment | None = None
    refund: Refund | None = None
    state: str = State.OPEN
    note: str = ""

    @property
    def key(self) -> str:
        return Difference.key_of(*self._names)

    @property
    def key_with_figures(self) -> str:
        """For one that a person has worked off when it spoke of other figures: this one is another."""
        return Difference.key_of(*self._names, str(self.ours), str(self.theirs))

    @property
    def _names(self) -> tuple[str, ...]:
        # A row without a number of ours is told by theirs.
        theirs = "" if self.out_trade_no else self.trade_no
        return self.kind, self.type, self.out_trade_no, self.out_request_no, theirs


@dataclass(frozen=True)
class Bench:
    """What one statement is judged with. ``unanswered``: the numbers that the provider was asked after in vain."""

    statement: Statement
    unanswered: frozenset[str]
    now: datetime

    @property
    def waiting(self) -> str:
        """The state of what another day may explain."""
        return State.OPEN if is_of_age(self.statement.day, now=self.now) else State.WAITING

    def state_after_asking(self, number: str, *, is_under_way: bool = False) -> str:
        """While the provider has not spoken its last word, there is hope."""
        return self.waiting if is_under_way or number in self.unanswered else State.OPEN


def numbers_of(line: StatementLine) -> Numbers:
    return line.kind, line.out_trade_no, line.out_request_no


def payment_numbers(payment: Payment) -> Numbers:
    return "payment", payment.out_trade_no, ""


def refund_numbers(refund: Refund) -> Numbers:
    return "refund", refund.payment.out_trade_no, refund.out_request_no


def has_gone_back(refund: Refund) -> bool:
    """Whether our books, too, say that the money went back the way it came."""
    return refund.state == Refund.State.SUCCEEDED and refund.channel == Refund.Channel.ORIGINAL
