"""An operator cancels an order that has not left the house; what was paid goes back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from apps.orders.models import OrderInfo, Status
from apps.payment.models import Payment, Refund
from tests.admin.conftest import line
from tests.admin.money import attempt, paid
from tests.factories import OrderInfoFactory, SKUFactory
from tests.operators.conftest import desk_of as desk_of
from tests.payment.fake_gateway import Bank, open_banks
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


def test_while_the_buyer_may_be_paying(bank: Bank, desk: Client) -> None:
    order = attempt().order
    with unchanged():
        answer = confirm(desk, order)
    assert len(told(answer)) == 1
    assert Payment.objects.get().state == Payment.State.PENDING


def test_paid_since_the_page_was_drawn(bank: Bank, desk: Client) -> None:
    order = paid(bank).order
    with unchanged():
        answer = confirm(desk, order, seen=Status.UNPAID)
    assert "待发货" in told(answer)[0]


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
    ("role", "unpaid", "unsend"),
    [
        ("service", 200, 403),
        ("warehouse", 200, 403),
        ("finance", 403, 403),
        ("catalogue", 403, 403),
        ("manager", 200, 200),
    ],
)
def test_who_may(role: str, unpaid: int, unsend: int, desk_of: Callable[[str], Client]) -> None:
    desk = desk_of(role)
    for status, expected in ((Status.UNPAID, unpaid), (Status.UNSEND, unsend)):
        order = OrderInfoFactory(status=status)
        assert desk.get(page(order)).status_code == expected
        assert confirm(desk, order).status_code == expected
        order.refresh_from_db()
        assert (order.status == Status.CANCELED) is (expected == 200)
