"""Refunds over HTTP: looked at by who bought. They are made in the back office, behind its second factor."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from apps.payment.exceptions import Unknown
from apps.payment.models import Refund
from apps.payment.services import request_refund, try_refund
from apps.users.models import User
from tests.conftest import logged_in
from tests.factories import UserFactory
from tests.payment.fake_gateway import Bank
from tests.world import unchanged

pytestmark = pytest.mark.django_db

ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+08:00")


@pytest.fixture
def operator(db: None) -> User:
    """One who may refund anything, there."""
    user: User = UserFactory(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["add_refund", "view_refund", "view_payment"])
    )
    return user


@pytest.fixture
def refunds(order: OrderInfo) -> str:
    return f"/api/v1/orders/{order.pk}/refunds/"


@pytest.fixture
def paid(begin: Callable, shop: APIClient, order: OrderInfo, bank: Bank) -> OrderInfo:
    """110.00 by the fake provider."""
    number = begin("code").json()["out_trade_no"]
    bank.pay(number)
    shop.put(f"/api/v1/orders/{order.pk}/payments/{number}/status/")
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND
    return order


@pytest.fixture
def refund(paid: OrderInfo, operator: User) -> Callable[[str], Refund]:
    def ask(amount: str) -> Refund:
        asked = request_refund(paid.pk, amount=Decimal(amount), reason="包装破损", by=operator)
        return try_refund(asked)

    return ask


def test_what_the_buyer_sees(
    shop: APIClient, refunds: str, refund: Callable, paid: OrderInfo
) -> None:
    refund("30.00")
    (said,) = shop.get(refunds).json()
    assert all(ISO_TIME.fullmatch(said.pop(name)) for name in ("create_time", "succeeded_at"))
    assert said == {
        "out_request_no": f"{paid.pk}01R01",
        "out_trade_no": f"{paid.pk}01",
        "amount": "30.00",
        "reason": "包装破损",
        "state": "succeeded",
        "state_text": "已退款",
        "channel": "original",
        "channel_text": "原路退回",
    }


def test_newest_first(shop: APIClient, refunds: str, refund: Callable) -> None:
    for amount in ("1.00", "2.00"):
        refund(amount)
    assert [each["amount"] for each in shop.get(refunds).json()] == ["2.00", "1.00"]


def test_one_that_nobody_knows_the_end_of(
    shop: APIClient, refunds: str, refund: Callable, bank: Bank
) -> None:
    bank.before["refund"] = [Unknown("time-out")]
    refund("30.00")
    (said,) = shop.get(refunds).json()
    assert (said["state"], said["succeeded_at"]) == ("unknown", None)


class TestWhoMay:
    def test_an_operator_refunds_nothing_by_a_token(
        self, operator: User, refunds: str, paid: OrderInfo
    ) -> None:
        """A token costs a password only, whatever second factor he has."""
        with unchanged():
            answer = logged_in(operator).post(refunds, {"amount": "1.00", "reason": "x"})
        assert answer.status_code == 405
        assert not Refund.objects.exists()

    def test_an_operator_sees_nobody_elses(
        self, operator: User, refunds: str, refund: Callable
    ) -> None:
        refund("1.00")
        assert logged_in(operator).get(refunds).status_code == 404

    def test_the_buyer_makes_none(self, shop: APIClient, refunds: str, paid: OrderInfo) -> None:
        with unchanged():
            assert shop.post(refunds, {"amount": "1.00", "reason": "x"}).status_code == 405

    def test_a_stranger_and_nobody(
        self, stranger: User, api: APIClient, refunds: str, paid: OrderInfo
    ) -> None:
        assert logged_in(stranger).get(refunds).status_code == 404
        assert api.get(refunds).status_code == 401

    def test_an_order_that_is_none(self, shop: APIClient) -> None:
        assert shop.get(f"/api/v1/orders/{'1' * 24}/refunds/").status_code == 404
