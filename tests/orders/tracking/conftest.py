from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from apps.orders import gateways
from apps.orders.gateways import Tracking
from apps.orders.models import Carrier, OrderInfo, Shipment, Status
from apps.users.models import User
from tests.factories import OrderInfoFactory, UserFactory


@dataclass
class Carriers:
    """Stands in for the gateway: ``answers`` in turn, the last one for ever; ``asked`` is what it was asked."""

    pace: float = 1
    answers: list[Any] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def ask(self, carrier_code: str, number: str, *, phone: str) -> Tracking:
        self.asked.append((carrier_code, number, phone))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def carriers(monkeypatch: pytest.MonkeyPatch) -> Carriers:
    carriers = Carriers(answers=[Tracking(Shipment.State.MOVING, ())])
    monkeypatch.setattr(gateways, "tracking", lambda: carriers)
    return carriers


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(username="packer")


@pytest.fixture
def parcel(operator: User) -> Callable[..., Shipment]:
    """Make a parcel whose carrier is to be asked since so many minutes ago."""
    numbers = count(1)

    def make(minutes: float = 1, **about: Any) -> Shipment:
        about = {
            "number": f"SF{next(numbers):08}",
            "carrier": Carrier.objects.get(code="shunfeng"),
            "next_query_at": timezone.now() - timedelta(minutes=minutes),
            **about,
        }
        order: OrderInfo = OrderInfoFactory(status=Status.UNRECEIVED, mobile="13812345678")
        return Shipment.objects.create(order=order, shipped_by=operator, **about)

    return make


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    real, skipped = timezone.now, timedelta()

    def skip(span: timedelta) -> None:
        nonlocal skipped
        skipped += span
        monkeypatch.setattr(timezone, "now", lambda: real() + skipped)

    return skip


@pytest.fixture(autouse=True)
def no_gateway_but_the_tests() -> Iterator[None]:
    """It is made once in a process."""
    made_once = gateways.tracking
    made_once.cache_clear()
    yield
    made_once.cache_clear()
