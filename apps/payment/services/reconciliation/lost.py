"""Money that a bill tells of and we have not seen: the provider is asked, through the gate."""

import logging
from collections.abc import Callable, Iterable, Iterator

from apps.core.exceptions import DomainError, GatewayError, Unavailable
from apps.payment.gateways.interface import BillLine
from apps.payment.models import Payment, Refund
from apps.payment.services.accounts import gateway_of
from apps.payment.services.asking import ask_provider
from apps.payment.services.gate import apply_event
from apps.payment.services.reconciliation.days import batches
from apps.payment.services.refunding import refund_order

# Of a provider that does not answer so many in a row, no more is asked this time.
UNANSWERED_AT_MOST = 5

logger = logging.getLogger(__name__)


class Questions:
    """Asks after payments and refunds one by one. ``unanswered``: who got no clear answer, by their numbers."""

    def __init__(self) -> None:
        self.unanswered: set[str] = set()
        self._in_a_row = 0

    def ask_payment(self, payment: Payment) -> None:
        self._ask(payment.out_trade_no, lambda: ask_provider(payment))

    def ask_refund(self, refund: Refund) -> None:
        self._ask(refund.out_request_no, lambda: _ask_refund(refund))

    def _ask(self, number: str, question: Callable[[], object]) -> None:
        if self._in_a_row >= UNANSWERED_AT_MOST:
            self.unanswered.add(number)
            return
        try:
            question()
        except (GatewayError, Unavailable):
            logger.exception("No clear answer on %s, which a bill lists", number)
            self.unanswered.add(number)
            self._in_a_row += 1
        except DomainError as refusal:
            # The gate has recorded it and raised the alarm.
            logger.warning("What a bill lists as %s does not take effect: %r", number, refusal)
        else:
            self._in_a_row = 0


def ask_after_lost(provider: str, account: str, lines: Iterable[BillLine]) -> set[str]:
    """Ask after everything that a bill lists and that has no money here yet; the numbers without a clear answer.

    Payments first: a refund can only be taken in of a payment that has been.
    """
    questions = Questions()
    listed = tuple(lines)
    for payment in _unpaid(provider, account, listed):
        questions.ask_payment(payment)
    for refund in _unfinished(provider, account, listed):
        questions.ask_refund(refund)
    return questions.unanswered


def _unpaid(provider: str, account: str, lines: Iterable[BillLine]) -> Iterator[Payment]:
    for batch in batches(lines):
        numbers = {line.out_trade_no for line in batch}
        known = Payment.objects.filter(provider=provider, account=account, out_trade_no__in=numbers)
        yield from known.exclude(state__in=Payment.PAID)


def _unfinished(provider: str, account: str, lines: Iterable[BillLine]) -> Iterator[Refund]:
    for batch in batches(line for line in lines if line.kind == "refund"):
        known = Refund.objects.filter(
            payment__provider=provider,
            payment__account=account,
            channel=Refund.Channel.ORIGINAL,
            out_request_no__in={line.out_request_no for line in batch},
        )
        yield from known.exclude(state=Refund.State.SUCCEEDED).select_related("payment")


def _ask_refund(refund: Refund) -> None:
    told = gateway_of(refund.payment).refund_query(refund_order(refund))
    if told is not None:
        apply_event(told)
