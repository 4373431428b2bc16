"""A buyer cancels what is not paid: attempts end first, and whatever money comes all the same goes back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from apps.core.tasks import run_command
from apps.goods.models import SKU
from apps.orders.models import OrderInfo, Status, Step
from apps.payment.exceptions import OrderNotPayable, Rejected, Unknown
from apps.payment.models import Payment
from apps.payment.services import (
    apply_event,
    canceling,
    poll_due_payments,
    send_due_refunds,
    settle_cash,
    start_payment,
)
from apps.payment.views import canceling as views
from apps.users.models import User
from tests.conftest import logged_in
from tests.factories import OrderInfoFactory
from tests.payment.fake_gateway import Bank, FakeGateway, Trade
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(bank: Bank, buyer: User, order: OrderInfo) -> Payment:
    return start_payment(buyer, order.pk, provider="fake", product="code").payment


@pytest.fixture
def path(order: OrderInfo) -> str:
    return f"/api/v1/orders/{order.pk}/cancel/"


def stock_and_sales() -> tuple[int, int]:
    return SKU.objects.values_list("stock", "sales").get()


def test_without_an_attempt(shop: APIClient, order: OrderInfo, buyer: User, path: str) -> None:
    assert stock_and_sales() == (8, 2)
    answer = shop.post(path, {"reason": "不想要了"})
    assert (answer.status_code, answer.json()["status"]) == (200, Status.CANCELED)
    assert [each["step"] for each in answer.json()["events"]] == ["cancel_unpaid"]
    event = order.events.get()
    assert (event.step, event.actor, event.reason) == (Step.CANCEL_UNPAID, buyer, "不想要了")
    assert stock_and_sales() == (10, 0)
    with unchanged():
        again = shop.post(path)
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert again.json()["order_status"] == Status.CANCELED
    call_command("audit")


def test_an_open_attempt_is_closed_there(
    shop: APIClient, bank: Bank, payment: Payment, path: str
) -> None:
    assert shop.post(path).status_code == 200
    payment.refresh_from_db()
    assert (payment.state, bank.trades[payment.out_trade_no].status) == ("closed", "CLOSED")
    assert bank.calls == ["qr", "query", "close"]
    call_command("audit")


def test_what_turns_out_to_be_paid_is_not_canceled(
    shop: APIClient, bank: Bank, payment: Payment, order: OrderInfo, path: str
) -> None:
    bank.pay(payment.out_trade_no)
    answer = shop.post(path)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert answer.json()["order_status"] == Status.UNSEND
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, payment.state, stock_and_sales()) == (Status.UNSEND, "succeeded", (8, 2))
    call_command("audit")


def test_paid_while_it_is_being_closed(
    shop: APIClient, bank: Bank, payment: Payment, order: OrderInfo, path: str
) -> None:
    def pay_now(call: str) -> None:
        if call == "close":
            bank.pay(payment.out_trade_no)

    bank.hook = pay_now
    assert shop.post(path).json()["order_status"] == Status.UNSEND
    call_command("audit")


@pytest.mark.parametrize("call", ["query", "close"])
def test_a_provider_that_does_not_answer_keeps_the_order(
    shop: APIClient, bank: Bank, payment: Payment, order: OrderInfo, path: str, call: str
) -> None:
    bank.before[call] = [Unknown("time-out")]
    answer = shop.post(path)
    assert (answer.status_code, answer.json()["code"]) == (502, "gateway_unknown")
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, payment.state, stock_and_sales()) == (Status.UNPAID, "pending", (8, 2))
    assert not order.events.exists()
    assert shop.post(path).status_code == 200


def test_another_amount_keeps_the_order_for_a_person(
    shop: APIClient, bank: Bank, payment: Payment, order: OrderInfo, path: str
) -> None:
    bank.trades[payment.out_trade_no] = Trade(payment.amount - 1, "PAID")
    answer = shop.post(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "event_mismatch")
    order.refresh_from_db()
    assert (order.status, stock_and_sales()) == (Status.UNPAID, (8, 2))


class TestUnknownThere:
    @pytest.fixture(autouse=True)
    def canceled(self, shop: APIClient, bank: Bank, payment: Payment, path: str) -> None:
        bank.trades.clear()
        assert shop.post(path).status_code == 200

    def test_the_buyer_does_not_wait(self, payment: Payment, order: OrderInfo) -> None:
        order.refresh_from_db()
        payment.refresh_from_db()
        assert (order.status, stock_and_sales()) == (Status.CANCELED, (10, 0))
        assert (payment.state, payment.is_closing) == ("pending", True)
        call_command("audit")

    def test_no_attempt_can_be_opened(self, buyer: User, order: OrderInfo) -> None:
        with unchanged(), pytest.raises(OrderNotPayable) as refused:
            start_payment(buyer, order.pk, provider="fake", product="code")
        assert refused.value.extra == {"reason": "canceled"}

    def test_it_is_asked_after_to_its_end(self, payment: Payment, later: Callable) -> None:
        later(payment.expires_at - timezone.now() + timedelta(minutes=2))
        run_command("cancel_overdue_orders")
        assert poll_due_payments() == 1
        payment.refresh_from_db()
        assert (payment.state, stock_and_sales()) == ("closed", (10, 0))
        call_command("audit")

    def test_money_that_comes_goes_back(
        self, bank: Bank, payment: Payment, order: OrderInfo
    ) -> None:
        bank.pay(payment.out_trade_no)
        apply_event(FakeGateway(bank).told(payment.out_trade_no))
        payment.refresh_from_db()
        order.refresh_from_db()
        assert (payment.state, order.status) == ("surplus", Status.CANCELED)
        send_due_refunds()
        assert bank.returned(payment.out_trade_no) == payment.amount == 110
        assert stock_and_sales() == (10, 0)
        call_command("audit")


def test_what_is_opened_there_but_not_to_be_closed_is_called_off(
    shop: APIClient, bank: Bank, payment: Payment, path: str
) -> None:
    bank.before["close"] = [Rejected("40004", "REASON_TRADE_STATUS_INVALID", "")]
    assert shop.post(path).status_code == 200
    payment.refresh_from_db()
    assert (payment.state, payment.is_closing) == ("pending", True)
    call_command("audit")


def test_an_attempt_opened_in_between_is_offered_to_nobody(
    shop: APIClient,
    bank: Bank,
    buyer: User,
    order: OrderInfo,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = canceling.cancel_unpaid_order

    def open_then_cancel(order_id: str, **about: object) -> bool:
        start_payment(buyer, order_id, provider="fake", product="page")
        return real(order_id, **about)

    monkeypatch.setattr(canceling, "cancel_unpaid_order", open_then_cancel)
    assert shop.post(path).status_code == 200
    opened = Payment.objects.get()
    assert (opened.state, opened.is_closing) == ("pending", True)
    assert opened.next_query_at <= timezone.now()


@pytest.mark.parametrize("status", [each for each in Status if each != Status.UNPAID])
def test_only_what_waits_for_money(shop: APIClient, buyer: User, status: Status) -> None:
    order = OrderInfoFactory(user=buyer, status=status, pay_method=OrderInfo.PayMethod.ALIPAY)
    with unchanged():
        answer = shop.post(f"/api/v1/orders/{order.pk}/cancel/")
    assert (answer.status_code, answer.json()["order_status"]) == (409, status)


def test_not_of_others(stranger: User, api: APIClient, path: str) -> None:
    with unchanged():
        assert logged_in(stranger).post(path).status_code == 404
        assert api.post(path).status_code == 401


@pytest.mark.parametrize("reason", ["长" * 201, "\x00", ["a"], None])
def test_a_reason_that_is_none(shop: APIClient, path: str, reason: object) -> None:
    with unchanged():
        answer = shop.post(path, {"reason": reason}, format="json")
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"reason"})


def test_so_often(
    shop: APIClient, bank: Bank, payment: Payment, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time the providers are asked."""
    monkeypatch.setattr(views, "CANCELS", replace(views.CANCELS, times=1))
    bank.before["query"] = [Unknown("time-out")]
    assert shop.post(path).status_code == 502
    bank.calls.clear()
    with unchanged():
        answer = shop.post(path)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert (int(answer["Retry-After"]) > 0, bank.calls) == (True, [])


class TestToBePaidAtTheDoor:
    """Nobody has paid, so its buyer cancels it by himself until it is shipped."""

    @pytest.fixture
    def at_the_door(self, order: OrderInfo) -> OrderInfo:
        OrderInfo.objects.filter(pk=order.pk).update(
            pay_method=OrderInfo.PayMethod.CASH, status=Status.UNSEND, expires_at=None
        )
        order.refresh_from_db()
        return order

    def test_before_it_is_shipped(
        self, shop: APIClient, at_the_door: OrderInfo, buyer: User, path: str
    ) -> None:
        answer = shop.post(path, {"reason": "不想要了"})
        assert (answer.status_code, answer.json()["status"]) == (200, Status.CANCELED)
        event = at_the_door.events.get()
        assert (event.step, event.actor, event.reason) == (
            Step.CANCEL_UNSHIPPED, buyer, "不想要了",
        )  # fmt: skip
        assert stock_and_sales() == (10, 0)
        with unchanged():
            assert shop.post(path).json()["order_status"] == Status.CANCELED
        call_command("audit")

    @pytest.mark.parametrize("status", [Status.UNRECEIVED, Status.UNCOMMENT, Status.FINISHED])
    def test_not_afterwards(
        self, status: Status, shop: APIClient, at_the_door: OrderInfo, path: str
    ) -> None:
        OrderInfo.objects.filter(pk=at_the_door.pk).update(status=status)
        with unchanged():
            answer = shop.post(path)
        assert (answer.status_code, answer.json()["order_status"]) == (409, status)

    def test_not_when_the_cash_was_booked(
        self, shop: APIClient, at_the_door: OrderInfo, buyer: User, path: str
    ) -> None:
        """Money is to go back then: that is asked for, as of any order that was paid."""
        settle_cash(at_the_door.pk, by=buyer)
        with unchanged():
            answer = shop.post(path)
        assert (answer.status_code, answer.json()["order_status"]) == (409, Status.UNSEND)
        kinds = shop.get(f"/api/v1/orders/{at_the_door.pk}/after_sales/").json()["kinds"]
        assert kinds == ["cancel"]

    def test_not_a_strangers(self, at_the_door: OrderInfo, stranger: User, path: str) -> None:
        with unchanged():
            assert logged_in(stranger).post(path).status_code == 404

    def test_not_what_was_paid_on_line(
        self, shop: APIClient, at_the_door: OrderInfo, path: str
    ) -> None:
        OrderInfo.objects.update(pay_method=OrderInfo.PayMethod.ALIPAY)
        with unchanged():
            assert shop.post(path).status_code == 409
