"""What an operator does with payments and refunds: ask, close, retry, pay out, take in cash."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import Client

from apps.orders.models import OrderInfo
from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.models import CashOrder, Payment, PaymentEvent, Refund, Statement
from tests.admin.conftest import place
from tests.admin.forms import cells
from tests.admin.money import attempt, clerk, paid, said
from tests.factories import UserFactory
from tests.payment.fake_gateway import Bank, open_banks
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bank() -> Iterator[Bank]:
    bank = Bank()
    with open_banks(bank):
        yield bank


def act(client: Client, action: str, *rows: Model, **written: str) -> list[str]:
    """Choose rows in their list, and an action; what is said of it."""
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], **written}
    answer = client.post(f"/admin/payment/{rows[0]._meta.model_name}/", chosen, follow=True)
    assert answer.status_code == 200
    return said(answer)


def logged(row: Model) -> list[tuple[str, str]]:
    entries = LogEntry.objects.filter(object_id=row.pk, content_type__model=row._meta.model_name)
    return [(entry.user.username, entry.change_message) for entry in entries]


class TestPayments:
    def test_asking_settles_what_was_paid(self, desk: Client, bank: Bank) -> None:
        open_one, paid_one = attempt(), attempt("2" * 24)
        bank.pay(paid_one.out_trade_no)
        assert sorted(act(desk, "ask", open_one, paid_one)) == [
            f"{open_one}: 等待买家付款",
            f"{paid_one}: 已支付",
        ]
        assert OrderInfo.objects.get(pk="2" * 24).status == OrderInfo.Status.UNSEND
        assert logged(paid_one) == [("operator", "立即向支付渠道查询: 已支付")]

    def test_closed_nobody_can_pay_it_any_more(self, desk: Client, bank: Bank) -> None:
        payment = attempt()
        assert act(desk, "close", payment) == [f"{payment}: 未支付，已关闭"]
        assert bank.trades[payment.out_trade_no].status == "CLOSED"
        assert logged(payment) == [("operator", "在支付渠道关闭: 未支付，已关闭")]

    def test_what_was_paid_meanwhile_is_not_closed(self, desk: Client, bank: Bank) -> None:
        payment = attempt()
        bank.pay(payment.out_trade_no)
        assert act(desk, "close", payment) == [f"{payment}: 已支付"]

    @pytest.mark.parametrize(
        ("failure", "words"),
        [
            (Unknown("time-out"), "支付渠道没有明确应答：time-out"),
            (
                Rejected("40004", "NO_AUTH", "无权限"),
                "支付渠道拒绝：40004 NO_AUTH: 无权限",
            ),
            (Misconfigured("app id"), "我方配置与支付渠道不符：app id"),
        ],
        ids=["unknown", "rejected", "misconfigured"],
    )
    @pytest.mark.parametrize("action", ["ask", "close"])
    def test_a_provider_that_fails_is_quoted_and_the_next_row_goes_on(
        self, desk: Client, bank: Bank, action: str, failure: Exception, words: str
    ) -> None:
        first, second = attempt(), attempt("2" * 24)
        bank.before["query"] = [failure]
        told = act(desk, action, first, second)
        assert len(told) == 2
        assert f"{second}: {words}" in told  # the newest comes first
        first.refresh_from_db()
        assert logged(second) == [
            (
                "operator",
                f"{'立即向支付渠道查询' if action == 'ask' else '在支付渠道关闭'}: {words}",
            )
        ]

    def test_an_answer_that_does_not_match(self, desk: Client, bank: Bank) -> None:
        payment = attempt()
        bank.trades[payment.out_trade_no].amount = Decimal("59.99")
        assert act(desk, "ask", payment) == [f"{payment}: 通知与支付单不符"]

    def test_not_so_many_that_a_browser_gives_up(self, desk: Client, bank: Bank) -> None:
        payments = [attempt(f"{n:024d}") for n in range(21)]
        bank.calls.clear()
        assert act(desk, "ask", *payments) == ["一次最多处理 20 条。"]
        assert bank.calls == []

    def test_from_the_order_one_comes_to_it_and_back(self, desk: Client, bank: Bank) -> None:
        payment = paid(bank)
        html = desk.get("/admin/payment/payment/").content.decode()
        assert f'<a href="/admin/orders/orderinfo/{payment.order_id}/change/">' in html


class TestRefunds:
    @pytest.fixture
    def refund(self, bank: Bank) -> Callable[[], Refund]:
        def make(**written: Any) -> Refund:
            payment = paid(bank)
            Payment.objects.reserve_refund(payment.pk, Decimal("20.00"))
            return Refund.objects.create(
                payment=payment,
                out_request_no=f"{payment.out_trade_no}R01",
                amount=Decimal("20.00"),
                reason="包装破损",
                cause="operator",
                next_try_at=payment.paid_at,
                **written,
            )

        return make

    def test_one_that_waits_is_sent(self, desk: Client, refund: Callable, bank: Bank) -> None:
        waiting = refund()
        assert act(desk, "retry", waiting) == [f"{waiting}: 已退款 DONE"]
        assert str(bank.returned(waiting.payment.out_trade_no)) == "20.00"
        assert logged(waiting) == [("operator", "查询或重新发送: 已退款 DONE")]

    def test_an_unknown_one_is_asked_after_before_it_is_sent_again(
        self, desk: Client, refund: Callable, bank: Bank
    ) -> None:
        unknown = refund(state="unknown", tries=1)
        assert act(desk, "retry", unknown) == [f"{unknown}: 已退款 DONE"]
        assert bank.calls == ["refund_query", "refund"]

    def test_a_provider_that_fails_again(self, desk: Client, refund: Callable, bank: Bank) -> None:
        unknown = refund(state="unknown", tries=1)
        bank.before["refund_query"] = [Unknown("time-out")]
        (told,) = act(desk, "retry", unknown)
        assert told.startswith(f"{unknown}: 结果未知 time-out 将于 ")


class TestCash:
    @pytest.fixture
    def order(self, db: None) -> OrderInfo:
        cash, on_its_way = OrderInfo.PayMethod.CASH, OrderInfo.Status.UNRECEIVED
        return place(UserFactory(), "1" * 24, pay_method=cash, status=on_its_way)

    def test_it_came_in(self, desk: Client, order: OrderInfo) -> None:
        row = CashOrder.objects.get()
        assert act(desk, "settle", row) == [f"{order.pk}: 已支付"]
        payment = Payment.objects.get()
        assert (payment.provider, payment.settles_id) == ("cash", order.pk)
        assert logged(payment) == [("operator", "现金已收到")]
        assert not CashOrder.objects.exists()

    def test_from_an_old_page_it_comes_in_once(self, desk: Client, order: OrderInfo) -> None:
        row = CashOrder.objects.get()
        act(desk, "settle", row)
        with unchanged():
            act(desk, "settle", row)

    @pytest.mark.parametrize(
        ("pay_method", "status", "is_there"),
        [(1, 2, True), (1, 5, True), (1, 6, False), (2, 2, False)],
    )
    def test_what_awaits_cash(
        self, desk: Client, order: OrderInfo, pay_method: int, status: int, is_there: bool
    ) -> None:
        OrderInfo.objects.update(pay_method=pay_method, status=status)
        assert CashOrder.objects.exists() is is_there
        page = desk.get("/admin/payment/cashorder/").content.decode()
        assert (order.pk in page) is is_there


class TestWhoMay:
    @pytest.mark.parametrize(
        ("action", "needed"),
        [("ask", "change_payment"), ("close", "change_payment")],
    )
    def test_payments(self, bank: Bank, action: str, needed: str) -> None:
        payment = attempt()
        bank.calls.clear()
        onlooker = clerk("view_payment", "add_refund")
        with unchanged():
            act(onlooker, action, payment)
        assert bank.calls == []
        act(clerk("view_payment", needed), action, payment)
        assert bank.calls[0] == "query"

    def test_cash(self, db: None) -> None:
        place(UserFactory(), "1" * 24, pay_method=1, status=OrderInfo.Status.UNSEND)
        row = CashOrder.objects.get()
        onlooker = clerk("view_cashorder", "change_payment", "add_refund")
        with unchanged():
            act(onlooker, "settle", row)
        act(clerk("view_cashorder", "change_cashorder"), "settle", row)
        assert Payment.objects.get().provider == "cash"

    @pytest.mark.parametrize("model", ["payment", "paymentevent", "refund", "cashorder"])
    def test_even_who_may_everything_writes_nothing_by_hand(
        self, desk: Client, bank: Bank, model: str
    ) -> None:
        payment = paid(bank)
        place(UserFactory(), "2" * 24, pay_method=1)
        event = PaymentEvent.objects.get()
        Refund.objects.create(payment=payment, out_request_no="R", amount=1, reason="x")
        rows = {
            "payment": payment.pk,
            "paymentevent": event.pk,
            "refund": Refund.objects.get().pk,
            "cashorder": "2" * 24,
        }
        page = f"/admin/payment/{model}/{rows[model]}"
        with unchanged():
            assert desk.get(f"{page}/change/").status_code == 200
            assert (
                desk.post(f"{page}/change/", {"amount": "1", "state": "closed"}).status_code == 403
            )
            assert desk.post(f"{page}/delete/", {"post": "yes"}).status_code == 403


class TestProviders:
    @pytest.mark.parametrize(
        ("provider", "name"),
        [
            ("alipay", "支付宝"),
            ("wechatpay", "微信支付"),
            ("cash", "现金"),
            ("fake", "假银行"),
            ("gone", "gone"),
        ],
    )
    def test_they_are_called_by_name(
        self, desk: Client, bank: Bank, provider: str, name: str
    ) -> None:
        payment = paid(bank)
        event = payment.events.get()
        day = Statement.objects.create(provider=provider, account="1", day=date(2026, 1, 1))
        Payment.objects.update(provider=provider)
        PaymentEvent.objects.update(provider=provider)
        for row in (payment, event, day):
            listed = f"/admin/payment/{row._meta.model_name}/"
            answer = desk.get(listed)
            (shown,) = cells(answer, "(?:named_provider|way)")
            assert shown.startswith(name)
            assert f'<a href="?provider={provider}" title="{name}"' in answer.content.decode()
            assert name in desk.get(f"{listed}{row.pk}/change/").content.decode()
