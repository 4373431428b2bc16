"""Answers that do not come in time, with nothing done or all of it; by every way to pay."""

from typing import Any

from tests.payment.whole.market import Market, Way
from tests.payment.whole.outages import survive
from tests.payment.whole.switches import Case, every_way

# While a call is held up: what takes longer by chance then is one time-out more, and the end is the same.
READ_TIMEOUT = 0.15
CASES: list[Case] = [("timeout", {}), ("timeout_after", {})]


@every_way(CASES)
def test_no_answer(market: Market, name: str, scope: dict[str, Any], way: Way) -> None:
    survive(market, name, way)
