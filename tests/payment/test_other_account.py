"""A merchant changes accounts: what was begun with the old one is not judged by what the new one says."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.orders.models import OrderInfo
from apps.payment.exceptions import Misconfigured
from apps.payment.models import Payment
from apps.payment.services import (
    ask_provider,
    cancel_overdue_orders,
    check_payment,
    close_attempt,
    poll_due_payments,
    start_payment,
)
from apps.users.models import User
from tests.factories import UserFactory
from tests.payment.fake_gateway import Bank, FakeGateway
from tests.world import unchanged

pytestmark = pytest.mark.django_db

BOTH = "merchant-1.*merchant-2"


@pytest.fixture
def payment(bank: Bank, buyer: User, order: OrderInfo, monkeypatch: pytest.MonkeyPatch) -> Payment:
    """Begun with the account before."""
    payment = start_payment(buyer, order.pk, provider="fake", product="code").payment
    monkeypatch.setattr(FakeGateway, "account", "merchant-2")
    bank.trades.clear()
    bank.calls.clear()
    return payment


@pytest.mark.parametrize("do", [ask_provider, close_attempt])
def test_the_new_account_is_not_asked(bank: Bank, payment: Payment, do: Callable) -> None:
    with unchanged(), pytest.raises(Misconfigured, match=BOTH):
        do(payment)
    assert bank.calls == []


def test_it_is_never_closed_and_holds_its_order(
    bank: Bank, payment: Payment, order: OrderInfo, later: Callable
) -> None:
    later(timedelta(days=1))
    poll_due_payments()
    assert cancel_overdue_orders() == 0
    payment.refresh_from_db()
    assert (payment.state, bank.calls) == ("pending", [])


def test_the_buyer_sees_it_as_it_was(bank: Bank, payment: Payment, buyer: User) -> None:
    assert check_payment(buyer, payment.out_trade_no).state == "pending"
    assert bank.calls == []


def test_the_buyer_pays_by_another_attempt(payment: Payment, buyer: User, order: OrderInfo) -> None:
    again = start_payment(buyer, order.pk, provider="fake", product="code").payment
    assert (again.account, again != payment) == ("merchant-2", True)


def test_the_operator_reads_both_accounts(bank: Bank, payment: Payment) -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    chosen = {"action": "ask", "_selected_action": [payment.pk]}
    with unchanged():
        answer = client.post("/admin/payment/payment/", chosen, follow=True)
    html = answer.content.decode()
    assert "merchant-1" in html
    assert "merchant-2" in html
