"""What a notice, a start and a question cost in statements, BEGIN and COMMIT counted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.orders.models import OrderInfo
from apps.payment.gateways.interface import Notice
from apps.payment.models import Payment
from apps.payment.services import poll_due_payments, receive_notice, start_payment
from apps.users.models import User
from tests.conftest import logged_in
from tests.factories import AddressFactory, SKUFactory, UserFactory
from tests.payment.fake_gateway import Bank

# Real transactions: inside a test's own, BEGIN is a savepoint and nothing waits for the commit.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment(bank: Bank) -> Payment:
    address = AddressFactory(user=UserFactory())
    client = logged_in(address.user)
    client.post("/api/v1/cart/", {"sku_id": SKUFactory().pk, "count": 2})
    answer = client.post("/api/v1/orders/", {"address": address.pk, "pay_method": 2}).json()
    return start_payment(address.user, answer["order_id"], provider="fake", product="page").payment


def notice_of(payment: Payment) -> Notice:
    body = payment.out_trade_no.encode()
    return Notice(headers={"signature": "the bank's"}, body=body, at=timezone.now())


def statements(counted: CaptureQueriesContext) -> list[str]:
    return [each["sql"].split()[0] for each in counted.captured_queries]


def test_a_notice(bank: Bank, payment: Payment) -> None:
    bank.pay(payment.out_trade_no, payment.amount)
    with CaptureQueriesContext(connection) as settling:
        receive_notice("fake", notice_of(payment))
    assert OrderInfo.objects.get().status == OrderInfo.Status.UNSEND
    assert len(settling) <= 8, statements(settling)
    with CaptureQueriesContext(connection) as repeated:
        receive_notice("fake", notice_of(payment))
    assert statements(repeated) == ["BEGIN", "SELECT", "SELECT", "COMMIT"]


def test_a_start_and_the_same_again(bank: Bank, payment: Payment) -> None:
    buyer: User = payment.order.user
    with CaptureQueriesContext(connection) as new:
        start_payment(buyer, payment.order_id, provider="fake", product="code")
    # Which attempt is open, how many there were, the new one; then what the provider gave.
    assert statements(new) == [
        *("BEGIN", "SELECT", "SELECT", "SELECT", "INSERT", "COMMIT"),
        "UPDATE",
    ]
    with CaptureQueriesContext(connection) as again:
        start_payment(buyer, payment.order_id, provider="fake", product="code")
    assert statements(again) == ["BEGIN", "SELECT", "SELECT", "COMMIT"]


def test_a_question_in_turn(bank: Bank, payment: Payment) -> None:
    """Two to find what is due, one to claim it, then the answer as it comes."""
    Payment.objects.update(next_query_at=timezone.now())
    with CaptureQueriesContext(connection) as unknown:
        assert poll_due_payments() == 1
    assert statements(unknown) == ["SELECT", "SELECT", "UPDATE"]
    with CaptureQueriesContext(connection) as idle:
        assert poll_due_payments() == 0
    assert statements(idle) == ["SELECT"]
