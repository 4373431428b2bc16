import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from apps.core import transactions
from apps.orders.models import Carrier, OrderInfo
from apps.payment.models import Payment
from apps.payment.services import start_payment
from apps.users.models import User
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory
from tests.payment.fake_gateway import Bank, open_banks
from tests.races.life import ORDERS, pay


@pytest.fixture(autouse=True)
def a_database_that_locks_rows() -> None:
    """SQLite lets one writer in at a time: on it a race test would pass without proving anything."""
    if connection.vendor == "sqlite":
        pytest.fail("Race tests need DATABASE_URL to be MySQL, MariaDB or PostgreSQL: make races")


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """The transactions that the database gave up on, although the buyer may not have noticed."""
    seen: list[Exception] = []
    real = transactions.lost_to_another

    def noting(exc: Exception) -> bool:
        seen.append(exc)
        return real(exc)

    monkeypatch.setattr(transactions, "lost_to_another", noting)
    return seen


@pytest.fixture
def bank() -> Iterator[Bank]:
    bank = Bank()
    with open_banks(bank):
        yield bank


@pytest.fixture
def operators() -> list[User]:
    return [UserFactory(username=f"operator{number}") for number in range(2)]


@pytest.fixture
def carrier() -> Carrier:
    return Carrier.objects.get(code="shunfeng")


@pytest.fixture
def payments(bank: Bank) -> list[Payment]:
    """Attempts to pay as many orders of one and the same SKU."""
    sku = SKUFactory()
    orders = [
        OrderInfoFactory(
            skus=[sku],
            status=OrderInfo.Status.UNPAID,
            pay_method=OrderInfo.PayMethod.ALIPAY,
            expires_at=timezone.now() + timedelta(minutes=30),
        )
        for _ in range(ORDERS)
    ]
    return [
        start_payment(order.user, order.pk, provider="fake", product="code").payment
        for order in orders
    ]


@pytest.fixture
def to_be_shipped(bank: Bank, payments: list[Payment]) -> list[str]:
    """The numbers of as many orders that were paid."""
    assert all(pay(bank, payment) for payment in payments)
    return [payment.order_id for payment in payments]


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Do all calls at the same moment, each in a thread with a connection of its own.

    What each returned or raised, in the order of the calls.
    """
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            results[number] = call()
        except Exception as exc:
            results[number] = exc
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
