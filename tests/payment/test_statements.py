"""What a notice, a start and a question cost in statements, BEGIN and COMMIT counted."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.orders.models import OrderInfo
from apps.payment.gateways.interface import Notice, Told
from apps.payment.models import Payment, Refund
from apps.payment.services import (
    apply_event,
    poll_due_payments,
    receive_notice,
    request_refund,
    start_payment,
)
from apps.users.models import User
from tests.conftest import logged_in
from tests.factories import AddressFactory, SKUFactory, UserFactory
from tests.payment.fake_gateway import Bank, FakeGateway

# Real transactions: inside a test's own, BEGIN is a savepoint and nothing waits for the commit.
pytestmark = pytest.mark.django_db(transaction=True)

# Of any notice, and however it is judged.
# One of them writes down the order's step, one asks who wants to be told.
MOST = 10


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


def heard(told: Told) -> tuple[str, list[str]]:
    """The verdict on a notice, and the statements it cost."""
    with CaptureQueriesContext(connection) as counted:
        record = apply_event(told)
    return record.verdict, statements(counted)


def test_a_notice(bank: Bank, payment: Payment) -> None:
    bank.pay(payment.out_trade_no, payment.amount)
    with CaptureQueriesContext(connection) as settling:
        receive_notice("fake", notice_of(payment))
    assert OrderInfo.objects.get().status == OrderInfo.Status.UNSEND
    assert len(settling) <= MOST, statements(settling)
    with CaptureQueriesContext(connection) as repeated:
        receive_notice("fake", notice_of(payment))
    assert statements(repeated) == ["BEGIN", "SELECT", "SELECT", "COMMIT"]


def test_a_notice_of_money_that_nobody_needs(bank: Bank, payment: Payment) -> None:
    bank.pay(payment.out_trade_no, payment.amount)
    OrderInfo.objects.update(status=OrderInfo.Status.CANCELED)
    verdict, cost = heard(FakeGateway(bank).told(payment.out_trade_no))
    assert (verdict, len(cost) <= MOST) == ("surplus", True), cost
    refund = Refund.objects.get()
    assert (refund.amount, refund.cause) == (payment.amount, "surplus")
    assert (refund.out_request_no, refund.state) == (f"{payment.out_trade_no}R01", "requested")
    assert Payment.objects.get().refundable_amount == 0


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"amount": 1}, "wrong_amount"),
        ({"app_id": "another"}, "wrong_app"),
        ({"out_trade_no": "another"}, "unknown_payment"),
        ({"trade_no": "2" * 300}, "malformed"),
        ({"outcome": "closed"}, "closed"),
        ({"outcome": "other"}, "no_change"),
    ],
)
def test_a_notice_that_brings_no_money(
    bank: Bank, payment: Payment, changed: dict[str, Any], verdict: str
) -> None:
    bank.pay(payment.out_trade_no, payment.amount)
    told = replace(FakeGateway(bank).told(payment.out_trade_no), **changed)
    was, cost = heard(told)
    assert (was, len(cost) <= MOST) == (verdict, True), cost
    assert heard(told) == (verdict, ["BEGIN", "SELECT", "SELECT", "COMMIT"])


@pytest.mark.parametrize(
    ("status", "changed", "verdict"),
    [
        ("DONE", {}, "refunded"),
        ("UNDER_WAY", {}, "no_change"),
        ("STUCK", {}, "refund_stuck"),
        ("FAILED", {}, "refund_failed"),
        ("DONE", {"amount": 1}, "wrong_amount"),
        ("DONE", {"out_request_no": "another"}, "unknown_refund"),
    ],
)
def test_a_notice_about_a_refund(
    bank: Bank, payment: Payment, status: str, changed: dict[str, Any], verdict: str
) -> None:
    bank.pay(payment.out_trade_no, payment.amount)
    apply_event(FakeGateway(bank).told(payment.out_trade_no))
    refund = request_refund(
        payment.order_id, amount=payment.amount, reason="", by=payment.order.user, key="k"
    )
    bank.refunds[refund.out_request_no] = status
    bank.amounts[refund.out_request_no] = refund.amount
    told = replace(FakeGateway(bank).refund_told(refund.out_request_no), **changed)
    was, cost = heard(told)
    assert (was, len(cost) <= MOST) == (verdict, True), cost
    assert heard(told)[0] == verdict
    late = FakeGateway(bank).refund_told(
        refund.out_request_no, event_id="late", outcome="succeeded"
    )
    assert len(heard(late)[1]) <= MOST


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
    """Two to find what is due, one to claim it, then the answer as it comes, and one to plan the next."""
    Payment.objects.update(next_query_at=timezone.now())
    with CaptureQueriesContext(connection) as unknown:
        assert poll_due_payments() == 1
    assert statements(unknown) == ["SELECT", "SELECT", "UPDATE", "UPDATE"]
    with CaptureQueriesContext(connection) as idle:
        assert poll_due_payments() == 0
    assert statements(idle) == ["SELECT"]
