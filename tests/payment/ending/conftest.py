from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.orders.models import OrderInfo
from apps.payment.models import Payment
from apps.payment.services import (
    start_payment,
)
from apps.users.models import User
from tests.payment.fake_gateway import (
    Bank,
)


@pytest.fixture
def payment(bank: Bank, buyer: User, order: OrderInfo) -> Payment:
    return start_payment(buyer, order.pk, provider="fake", product="code").payment


@pytest.fixture
def at_the_end(payment: Payment, later: Callable) -> None:
    later(payment.expires_at - timezone.now() + timedelta(milliseconds=10))
