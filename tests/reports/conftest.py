"""Orders and their money, at moments of our choice."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from apps.core.clock import BEIJING
from apps.goods.models import SKU
from apps.orders.models import OrderInfo
from apps.payment.models import Payment
from apps.payment.services import settle_cash
from apps.users.models import User
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory

DAY = date(2026, 5, 20)
NOON = datetime(2026, 5, 20, 12, tzinfo=BEIJING)


@pytest.fixture
def operator() -> User:
    return UserFactory(username="operator", date_joined=datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture
def place(operator: User) -> Callable[..., OrderInfo]:
    """An order that was placed at a moment; of 50.00, if nothing else is said."""

    def place(at: datetime, skus: list[SKU] | None = None, **columns: Any) -> OrderInfo:
        order: OrderInfo = OrderInfoFactory(user=operator, skus=skus or [SKUFactory()], **columns)
        OrderInfo.objects.filter(pk=order.pk).update(create_time=at)
        return order

    return place


@pytest.fixture
def take_in(operator: User) -> Callable[[OrderInfo, datetime], Payment]:
    """The order's money, at a moment."""

    def take(order: OrderInfo, at: datetime) -> Payment:
        payment = settle_cash(order.pk, by=operator)
        Payment.objects.filter(pk=payment.pk).update(paid_at=at)
        return payment

    return take
