"""A buyer looks, an operator closes: the provider is asked, and not too often."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.payment.exceptions import Unknown, UnknownPayment
from apps.payment.models import Payment
from apps.payment.services import (
    check_payment,
    close_attempt,
)
from apps.users.models import User
from tests.payment.fake_gateway import (
    Bank,
)
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def test_an_operator_closes_one(bank: Bank, payment: Payment) -> None:
    assert close_attempt(payment) is True
    assert Payment.objects.get().state == "closed"
    assert bank.trades[payment.out_trade_no].status == "CLOSED"


def test_an_operator_closes_what_the_provider_does_not_know_yet(
    bank: Bank, payment: Payment
) -> None:
    bank.trades.clear()
    assert close_attempt(payment) is False
    payment.refresh_from_db()
    assert (payment.state, payment.is_closing) == ("pending", True)


def test_a_buyer_looks_and_the_provider_is_asked_at_most_every_three_seconds(
    bank: Bank, payment: Payment, buyer: User, later: Callable
) -> None:
    for _ in range(3):
        assert check_payment(buyer, payment.out_trade_no).state == "pending"
    assert bank.calls == ["qr", "query"]
    bank.pay(payment.out_trade_no)
    later(timedelta(seconds=3))
    assert check_payment(buyer, payment.out_trade_no).state == "succeeded"
    with unchanged():
        check_payment(buyer, payment.out_trade_no)
    assert bank.calls == ["qr", "query", "query"]


def test_a_buyer_looks_while_the_provider_is_down(
    bank: Bank, payment: Payment, buyer: User
) -> None:
    bank.before["query"] = [Unknown("time-out")]
    assert check_payment(buyer, payment.out_trade_no).state == "pending"


def test_a_stranger_looks(bank: Bank, payment: Payment, stranger: User) -> None:
    with unchanged(), pytest.raises(UnknownPayment):
        check_payment(stranger, payment.out_trade_no)
    assert bank.calls == ["qr"]
