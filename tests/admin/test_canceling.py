"""An operator cancels an order that has not left the house; what was paid goes back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from apps.orders.models import OrderInfo, Status
from apps.payment import services
from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.models import Payment, Refund
from apps.payment.services import settle_cash
from apps.users.models import User
from tests.admin.conftest import line
from tests.admin.money import attempt, paid
from tests.factories import OrderInfoFactory, SKUFactory
from tests.operators.conftest import desk_of as desk_of
from tests.payment.fake_gateway import Bank, Trade, open_banks
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> Iterator[Bank]:
    bank = Bank()
    with open_banks(bank):
        yield bank


def page(order: OrderInfo) -> str:
    return f"/admin/orders/orderinfo/{order.pk}/cancel/"


def confirm(desk: Client, order: OrderInfo, seen: int | None = None, **written: Any) -> Any:
    body = {"reason": "缺货", "seen": seen or order.status, "confirmed": "1", **written}
    return desk.post(page(order), body, follow=True)


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_unpaid_its_stock_goes_back_on_sale(desk: Client) -> None:
    order = OrderInfoFactory(status=Status.UNPAID)
    sku = order.skus.get().sku
    change = f"/admin/orders/orderinfo/{order.pk}/change/"
    assert f'href="{page(order)}"' in desk.get(change).content.decode()
    with unchanged():
        desk.get(page(order))
        shown = desk.post(page(order), {"reason": "缺货", "seen": order.status})
    assert "缺货" in shown.content.decode()
    answer = confirm(desk, order)
    assert told(answer) == ["已取消，没有人付过款。"]
    stock = sku.stock
    sku.refresh_from_db()
    order.refresh_from_db()
    assert (order.status, sku.stock) == (Status.CANCELED, stock + 1)
    assert order.events.get().reason == "缺货"
    assert LogEntry.objects.get().change_message == "已取消，没有人付过款。 缺货"
    assert page(order) not in answer.content.decode()


def test_paid_its_money_goes_back(bank: Bank, desk: Client) -> None:
    order = paid(bank).order
    line(order, SKUFactory(sales=1).pk)
    html = desk.get(page(order)).content.decode()
    assert "60.00" in html
    answer = confirm(desk, order)
    order.refresh_from_db()
    refund = Refund.objects.get()
    assert told(answer) == [f"已取消，由 {refund} 退款。"]
    assert (order.status, str(refund.amount), refund.reason) == (Status.CANCELED, "60.00", "缺货")


class TestWhileTheBuyerMayBePaying:
    """The provider is asked, and what it says is said."""

    @pytest.fixture
    def payment(self, bank: Bank) -> Payment:
        payment = attempt()
        line(payment.order, SKUFactory(sales=1).pk)
        bank.calls.clear()
        return payment

    def test_the_attempt_is_closed_there(self, bank: Bank, desk: Client, payment: Payment) -> None:
        assert told(confirm(desk, payment.order)) == ["已取消，没有人付过款。"]
        payment.refresh_from_db()
        payment.order.refresh_from_db()
        assert (payment.state, payment.order.status) == ("closed", Status.CANCELED)
        assert bank.trades[payment.out_trade_no].status == "CLOSED"

    def test_one_that_cannot_be_ended_yet(self, bank: Bank, desk: Client, payment: Payment) -> None:
        bank.trades.clear()
        (said,) = told(confirm(desk, payment.order))
        assert said.startswith("已取消，没有人付过款。")
        assert "多付" in said
        payment.refresh_from_db()
        payment.order.refresh_from_db()
        assert (payment.state, payment.is_closing) == ("pending", True)
        assert payment.order.status == Status.CANCELED

    def test_it_turns_out_to_be_paid(self, bank: Bank, desk: Client, payment: Payment) -> None:
        bank.pay(payment.out_trade_no, payment.amount)
        (said,) = told(confirm(desk, payment.order))
        assert said.startswith("未取消：买家已经付款")
        payment.order.refresh_from_db()
        assert payment.order.status == Status.UNSEND
        assert not Refund.objects.exists()

    @pytest.mark.parametrize(
        ("failure", "words"),
        [
            (Unknown("time-out"), "支付渠道没有明确应答：time-out 请重试。"),
            (Rejected("40004", "SYSTEM", "busy"), "支付渠道拒绝："),
            (Misconfigured("no such app"), ""),
        ],
    )
    def test_no_clear_answer(
        self, bank: Bank, desk: Client, payment: Payment, failure: Exception, words: str
    ) -> None:
        bank.before["query"] = [failure]
        (said,) = told(confirm(desk, payment.order))
        assert said.startswith(f"未取消，因为买家可能正在付款。{words}")
        payment.order.refresh_from_db()
        assert payment.order.status == Status.UNPAID
        assert not payment.order.events.exists()

    def test_another_amount(self, bank: Bank, desk: Client, payment: Payment) -> None:
        bank.trades[payment.out_trade_no] = Trade(payment.amount - 1, "PAID")
        (said,) = told(confirm(desk, payment.order))
        assert said.startswith("未取消：支付渠道所说的与这次付款不符")
        payment.order.refresh_from_db()
        assert payment.order.status == Status.UNPAID


def test_paid_since_the_page_was_drawn(bank: Bank, desk: Client) -> None:
    order = paid(bank).order
    with unchanged():
        answer = confirm(desk, order, seen=Status.UNPAID)
    assert told(answer) == ["未取消：买家已经付款。现在取消，货款将退还。"]


class TestCashOnDelivery:
    """No money moves, so it takes no right to refund."""

    @pytest.fixture
    def order(self) -> OrderInfo:
        return OrderInfoFactory(status=Status.UNSEND)

    def test_it_takes_no_right_to_refund(
        self, order: OrderInfo, desk_of: Callable[[str], Client]
    ) -> None:
        desk = desk_of("service")
        change = f"/admin/orders/orderinfo/{order.pk}/change/"
        assert f'href="{page(order)}"' in desk.get(change).content.decode()
        shown = desk.post(page(order), {"reason": "缺货", "seen": order.status})
        assert "退还" not in shown.content.decode()
        assert told(confirm(desk, order)) == ["已取消，没有款项需要退还。"]
        order.refresh_from_db()
        assert order.status == Status.CANCELED
        call_command("audit")

    def test_settled_in_this_moment(
        self,
        order: OrderInfo,
        operator: User,
        desk_of: Callable[[str], Client],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        real = services.cancel_unsettled_order

        def settle_first(order_id: str, **about: Any) -> None:
            settle_cash(order_id, by=operator)
            real(order_id, **about)

        monkeypatch.setattr(services, "cancel_unsettled_order", settle_first)
        (said,) = told(confirm(desk_of("service"), order))
        assert said == "这笔订单刚刚已付款，请重新查看。"
        order.refresh_from_db()
        assert (order.status, order.events.count()) == (Status.UNSEND, 0)
        assert not Refund.objects.exists()
        call_command("audit")

    def test_settled_it_is_paid(
        self, order: OrderInfo, operator: User, desk_of: Callable[[str], Client]
    ) -> None:
        settle_cash(order.pk, by=operator)
        desk = desk_of("service")
        with unchanged():
            assert "管理员" in told(confirm(desk, order))[0]
        told(confirm(desk_of("manager"), order))
        refund = Refund.objects.get()
        assert (refund.state, refund.amount) == ("succeeded", order.total_amount)
        call_command("audit")


@pytest.mark.parametrize(
    "status", [each for each in Status if each not in (Status.UNPAID, Status.UNSEND)]
)
def test_too_late(status: Status, desk: Client) -> None:
    order = OrderInfoFactory(status=status)
    with unchanged():
        answer = confirm(desk, order, seen=Status.UNSEND)
    assert str(status.label) in told(answer)[0]


@pytest.mark.parametrize("reason", ["", " ", "长" * 201])
def test_a_reason_is_needed(reason: str, desk: Client) -> None:
    order = OrderInfoFactory(status=Status.UNPAID)
    with unchanged():
        assert "reason" in confirm(desk, order, reason=reason).context["form"].errors


@pytest.mark.parametrize(
    ("role", "may", "may_refund"),
    [
        ("service", True, False),
        ("warehouse", True, False),
        ("finance", False, False),
        ("catalogue", False, False),
        ("manager", True, True),
    ],
)
def test_who_may(
    role: str, may: bool, may_refund: bool, bank: Bank, desk_of: Callable[[str], Client]
) -> None:
    desk = desk_of(role)
    unpaid, unsend = OrderInfoFactory(status=Status.UNPAID), paid(bank).order
    line(unsend, SKUFactory(sales=1).pk)
    for order, expected in ((unpaid, may), (unsend, may_refund)):
        assert (confirm(desk, order).status_code == 200) is may
        order.refresh_from_db()
        assert (order.status == Status.CANCELED) is expected


def test_who_may_not_refund_is_told_who_may(bank: Bank, desk_of: Callable[[str], Client]) -> None:
    order = paid(bank).order
    desk = desk_of("service")
    change = f"/admin/orders/orderinfo/{order.pk}/change/"
    assert f'href="{page(order)}"' in desk.get(change).content.decode()
    with unchanged():
        answer = desk.get(page(order), follow=True)
    said = "这笔订单已付款：取消它就要退还货款，而您没有退款的权限。请联系：%s。"
    assert told(answer) == [said % "管理员"]
    Group.objects.get(name="管理员").permissions.clear()
    assert told(desk.get(page(order), follow=True)) == [said % "超级用户"]


def test_the_form_says_who_reads_the_reason(desk: Client) -> None:
    order = OrderInfoFactory(status=Status.UNPAID)
    assert "买家会看到" in desk.get(page(order)).content.decode()
    shown = desk.post(page(order), {"reason": "缺货", "seen": order.status})
    assert "买家会看到：缺货" in shown.content.decode()
