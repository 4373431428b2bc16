from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

from apps.payment.gateways.interface import BillLine
from apps.payment.models import StatementLine

# Providers round row by row, not all of them alike.
TOLERANCE = Decimal("0.01")
FEN = Decimal("0.01")


def expected_fee(provider: str, line: BillLine | StatementLine) -> Decimal | None:
    """What a row of a bill should cost, CNY yuan; None where no rate is agreed.

    A refund returns its share of the fee or nothing, as the contract has it: whichever is nearer to what was told.
    """
    rate = settings.PAYMENT_FEE_RATES.get(provider)
    if rate is None:
        return None
    fee: Decimal = (line.amount * rate).quantize(FEN, ROUND_HALF_UP)
    if line.kind == "payment":
        return fee
    return min(-fee, Decimal("0.00"), key=lambda expected: abs(line.fee - expected))


def is_as_expected(fee: Decimal, expected: Decimal | None) -> bool:
    return expected is None or abs(fee - expected) <= TOLERANCE
