"""Answers that tell nothing, come too late, or are not to be believed; by every way to pay."""

from typing import Any

import pytest

from tests.payment.whole.books import check_books
from tests.payment.whole.market import ALIPAY, Market, Way
from tests.payment.whole.outages import survive
from tests.payment.whole.switches import Case, every_way

CASES: list[Case] = [
    ("answer_500", {}),
    ("answer_500_after", {}),
    ("timeout", {}),
    ("timeout_after", {}),
    ("system_error", {}),
    ("system_error_after", {}),
    ("wrong_signature", {}),
]


@every_way(CASES)
def test_an_answer_in_trouble(market: Market, name: str, scope: dict[str, Any], way: Way) -> None:
    survive(market, name, way)


@pytest.mark.parametrize("way", ALIPAY, ids=str)
def test_an_answer_with_braces_in_the_subject(market: Market, way: Way) -> None:
    """Alipay alone repeats the subject in its answers."""
    market.providers.switch("drop_notice")
    market.providers.switch("braces_in_subject", action="query", times=1)
    market.buy(way)
    market.settle()
    assert market.providers.unused() == []
    check_books(market)
