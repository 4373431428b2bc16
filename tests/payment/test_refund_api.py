"""Refunds over HTTP: made by operators, seen by who bought, shown as they stand whatever the provider said."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.models import Payment, Refund
from apps.payment.services import settle_cash
from apps.users.models import User
from tests.conftest import logged_in
from tests.factories import UserFactory
from tests.payment.fake_gateway import Bank
from tests.world import unchanged

pytestmark = pytest.mark.django_db

ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+08:00")

NO_AMOUNTS = [
    "0", "0.00", "-1", "-0.01", "0.001", "30.005", "1e3", "1E1", "1e-1", "NaN", "Infinity", "-Infinity", "sNaN",
    "+1", " 1", "1\n", "1_0", "1,000", "٣", "0x10", "", "abc", "9" * 30, "123456789.00", "1.", ".5",
    True, None, [], {}, ["1"], 0, -1, 0.001, 1e300, 10**30,
]  # fmt: skip


def staff(*rights: str) -> User:
    """An operator with these permissions on refunds and no others."""
    user: User = UserFactory(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=[f"{r}_refund" for r in rights])
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
    bank.calls.clear()
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND
    return order


@pytest.fixture
def desk(db: None) -> APIClient:
    return logged_in(staff("add", "view"))


@pytest.fixture
def refund(desk: APIClient, refunds: str) -> Callable[..., Response]:
    def ask(amount: Any = "30.00", *, key: str = "", reason: Any = "包装破损") -> Response:
        headers = {"Idempotency-Key": key} if key else {}
        return desk.post(refunds, {"amount": amount, "reason": reason}, headers=headers)

    return ask


def test_a_part(refund: Callable, paid: OrderInfo, bank: Bank) -> None:
    answer = refund("30.00")
    assert answer.status_code == 201
    said = answer.json()
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
    assert bank.calls == ["refund"]
    assert str(bank.returned(f"{paid.pk}01")) == "30.00"
    call_command("audit")


def test_the_rest_and_no_fen_more(refund: Callable, paid: OrderInfo, bank: Bank) -> None:
    assert refund("30.00").status_code == 201
    with unchanged():
        answer = refund("80.01")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_refund")
    assert answer.json()["refundable_amount"] == "80.00"
    assert refund("80").status_code == 201
    payment = Payment.objects.get()
    assert str(payment.refunded_amount) == "110.00"


def test_the_same_key_refunds_once(refund: Callable, paid: OrderInfo, bank: Bank) -> None:
    first = refund(key="a")
    with unchanged():
        assert refund(key="a").json() == first.json()
    assert Refund.objects.count() == 1
    assert bank.calls == ["refund"]
    assert refund(key="A").json()["out_request_no"] == f"{paid.pk}01R02"


@pytest.mark.parametrize("changed", [{"amount": "31.00"}, {"reason": "其他"}])
def test_a_key_of_another_request(refund: Callable, paid: OrderInfo, changed: dict) -> None:
    refund(key="a")
    with unchanged():
        answer = refund(key="a", **changed)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["k" * 256, "a\tb", "é"])
def test_a_key_that_is_none(refund: Callable, paid: OrderInfo, key: str) -> None:
    with unchanged():
        answer = refund(key=key)
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {"Idempotency-Key"}


def test_an_amount_that_is_none(refund: Callable, paid: OrderInfo) -> None:
    with unchanged():
        answers = {repr(amount): refund(amount) for amount in NO_AMOUNTS}
    assert {amount for amount, answer in answers.items() if answer.status_code != 400} == set()
    assert {*answers["'NaN'"].json()["errors"]} == {"amount"}


@pytest.mark.parametrize(("amount", "exact"), [(1, "1.00"), (0.1, "0.10"), ("0.01", "0.01")])
def test_an_amount_as_scripts_write_it(
    refund: Callable, paid: OrderInfo, amount: Any, exact: str
) -> None:
    assert refund(amount).json()["amount"] == exact


def test_a_reason_that_is_none(refund: Callable, paid: OrderInfo) -> None:
    with unchanged():
        answers = [refund(reason=each) for each in ("", "  ", None, "x" * 81, "a\x00b", ["x"], {})]
    assert [answer.status_code for answer in answers] == [400] * 7
    assert answers[0].json()["errors"].keys() == {"reason"}


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (Unknown("time-out"), "unknown"),
        (Rejected("BUSY", "", "", is_temporary=True), "requested"),
        (Rejected("TRADE_CLOSED", "", "final"), "failed"),
        (Misconfigured("app id"), "requested"),
    ],
    ids=["unknown", "not now", "never", "misconfigured"],
)
def test_whatever_the_provider_says_the_refund_is_written_and_shown(
    refund: Callable, paid: OrderInfo, bank: Bank, failure: Exception, state: str
) -> None:
    bank.before["refund"] = [failure]
    answer = refund()
    assert (answer.status_code, answer.json()["state"]) == (201, state)
    assert answer.json()["succeeded_at"] is None
    assert Refund.objects.get().state == state


def test_money_that_moved_before_the_line_broke(
    refund: Callable, paid: OrderInfo, bank: Bank, desk: APIClient, refunds: str
) -> None:
    bank.after["refund"] = [Unknown("time-out")]
    assert refund().json()["state"] == "unknown"
    Refund.objects.update(next_try_at="2020-01-01T00:00:00Z", tried_at=None)
    call_command("send_refunds")
    assert [each["state"] for each in desk.get(refunds).json()] == ["succeeded"]
    assert bank.calls == ["refund", "refund_query"]


def test_cash_is_given_back_by_hand(refund: Callable, order: OrderInfo, desk: APIClient) -> None:
    OrderInfo.objects.update(pay_method=1, status=OrderInfo.Status.UNRECEIVED)
    settle_cash(order.pk, by=staff())
    said = refund("110.00").json()
    assert (said["state"], said["channel_text"]) == ("succeeded", "人工退现")


class TestWhoMay:
    def test_an_order_without_money(self, refund: Callable, order: OrderInfo) -> None:
        with unchanged():
            answer = refund()
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_refund")
        assert answer.json()["refundable_amount"] == "0.00"

    def test_the_buyer_may_look(self, shop: APIClient, refund: Callable, paid: OrderInfo) -> None:
        said = refund().json()
        assert shop.get(f"/api/v1/orders/{paid.pk}/refunds/").json() == [said]

    def test_newest_first(self, shop: APIClient, refund: Callable, paid: OrderInfo) -> None:
        for amount in ("1.00", "2.00"):
            refund(amount)
        said = shop.get(f"/api/v1/orders/{paid.pk}/refunds/").json()
        assert [each["amount"] for each in said] == ["2.00", "1.00"]

    @pytest.mark.parametrize(
        ("rights", "is_staff", "get", "post"),
        [
            (("add", "view"), True, 200, 201),
            (("view",), True, 200, 403),
            (("add",), True, 200, 201),
            ((), True, 404, 404),
            (("add", "view"), False, 404, 404),
        ],
    )
    def test_the_staff_by_its_rights(
        self, refunds: str, paid: OrderInfo, rights: tuple, is_staff: bool, get: int, post: int
    ) -> None:
        user = staff(*rights)
        User.objects.filter(pk=user.pk).update(is_staff=is_staff)
        client = logged_in(user)
        assert client.get(refunds).status_code == get
        answer = client.post(refunds, {"amount": "1.00", "reason": "x"})
        assert answer.status_code == post
        assert Refund.objects.count() == (post == 201)

    @pytest.mark.parametrize("body", [{"amount": "1.00", "reason": "x"}, {}, {"amount": "NaN"}])
    def test_the_buyer_makes_none(
        self, shop: APIClient, refunds: str, paid: OrderInfo, body: dict
    ) -> None:
        with unchanged():
            answer = shop.post(refunds, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "may_not_refund")

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_stranger_and_nobody(
        self, stranger: User, api: APIClient, refunds: str, paid: OrderInfo, method: str
    ) -> None:
        with unchanged():
            assert getattr(logged_in(stranger), method)(refunds).status_code == 404
            assert getattr(api, method)(refunds).status_code == 401

    def test_an_order_that_is_none(self, desk: APIClient) -> None:
        refunds = f"/api/v1/orders/{'1' * 24}/refunds/"
        body = {"amount": "1.00", "reason": "x"}
        assert desk.get(refunds).status_code == desk.post(refunds, body).status_code == 404

    def test_who_asked_is_written_down(self, paid: OrderInfo, refunds: str) -> None:
        user = staff("add")
        logged_in(user).post(refunds, {"amount": "1.00", "reason": "x"})
        assert Refund.objects.get().requested_by == user
