"""Notices that do not come, come late, twice, in the wrong order, or from somebody else; by every way to pay."""

from datetime import timedelta
from typing import Any

from apps.orders.models import OrderInfo
from apps.payment.models import PaymentEvent
from tests.payment.whole.books import check_books
from tests.payment.whole.market import Market, Way
from tests.payment.whole.switches import Case, every_way

PART = "11.10"
# Each acts on what tells of the payment, and again on what tells of the refund.
CASES: list[Case] = [
    ("drop_notice", {"times": 4}),
    ("duplicate_notice", {"times": 2, "value": 5}),
    ("delay_notice", {"times": 2, "value": 60}),
    # Long after the half hour that an order waits.
    ("delay_notice", {"times": 2, "value": 7200}),
    ("reorder_notices", {}),
    ("forge_notice", {"times": 2}),
    ("signtest_notice", {"times": 2}),
    ("certificate_notice", {"times": 2}),
    ("braces_in_subject", {"times": 2}),
]


@every_way(CASES)
def test_a_notice_in_trouble(market: Market, name: str, scope: dict[str, Any], way: Way) -> None:
    market.providers.switch(name, **scope)
    order = market.buy(way)
    market.let_pass(timedelta(minutes=2))
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND
    market.refund(order, PART)
    market.settle()
    assert market.providers.unused() == []
    lies = PaymentEvent.objects.exclude(verdict__in=["settled", "refunded", "no_change"])
    assert not lies.exists()
    check_books(market)
