"""The books count fen; people and Alipay read yuan with two decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

# What both providers take of an ordinary merchant: 0.6 % of every payment.
FEE_RATE = Decimal("0.006")


def to_fen(yuan: Decimal) -> int:
    return int(yuan.scaleb(2))


def to_yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def yuan_text(fen: int) -> str:
    """``9990`` as ``99.90``."""
    return f"{to_yuan(fen):.2f}"


def yuan_shown(fen: int) -> str:
    """As ``yuan_text``, with the thousands apart, for a page."""
    return f"{to_yuan(fen):,.2f}"


def fee_of(fen: int) -> int:
    """The provider's fee for one row of a bill, in fen, halves away from zero; a refund's is negative."""
    return int((fen * FEE_RATE).quantize(Decimal(1), rounding=ROUND_HALF_UP))
