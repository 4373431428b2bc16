from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import timezone

from apps.payment import gateways
from apps.payment.models import Difference, Statement
from tests.payment.reconciliation.fake import NEXT_MORNING, FakeGateway


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock; it stands at the morning after DAY, when the bill is there."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_clock(NEXT_MORNING)
    return set_clock


@pytest.fixture
def fake(
    monkeypatch: pytest.MonkeyPatch, clock: Callable[[datetime], None]
) -> Iterator[FakeGateway]:
    """One more provider; the only one that anybody pays through."""
    path = f"{FakeGateway.__module__}.{FakeGateway.__name__}"
    monkeypatch.setitem(settings.PAYMENT_GATEWAYS, "fake", path)
    monkeypatch.setattr(settings, "PAYMENT_FEE_RATES", {"fake": Decimal("0.006")})
    gateways.gateway.cache_clear()
    provider = gateways.gateway("fake")
    assert isinstance(provider, FakeGateway)
    yield provider
    monkeypatch.undo()
    gateways.gateway.cache_clear()


def found(statement: Statement) -> list[tuple[str, str, str, str]]:
    """Kind, type, number and state of its differences."""
    return sorted(
        (each.kind, each.type, each.out_request_no or each.out_trade_no, each.state)
        for each in Difference.objects.filter(statement=statement)
    )
