"""An operator decides at the desk; money and stock follow."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from apps.after_sales import services
from apps.after_sales.exceptions import WrongAfterSaleState
from apps.after_sales.models import AfterSale
from apps.goods.models import SKU, StockMovement
from apps.orders.exceptions import WrongState
from apps.orders.models import OrderInfo
from apps.payment.models import Refund
from apps.payment.services import request_refund
from apps.users.models import User
from tests.conftest import logged_in
from tests.factories import UserFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def page(name: str, after_sale: AfterSale) -> str:
    return reverse(f"admin:after_sales_aftersale_{name}", args=[after_sale.pk])


def stocks() -> list[int]:
    return list(SKU.objects.order_by("pk").values_list("stock", flat=True))


def states(after_sale: AfterSale) -> list[str]:
    return list(after_sale.events.values_list("to_state", flat=True))


def test_a_canceled_order_gives_everything_back(
    cancellation: AfterSale, waiting: OrderInfo, desk: Client
) -> None:
    desk.post(page("approve", cancellation), {"words": "好的"})
    cancellation.refresh_from_db()
    waiting.refresh_from_db()
    refund = Refund.objects.get()
    assert waiting.status == OrderInfo.Status.CANCELED
    assert (cancellation.state, cancellation.refund) == ("refunded", refund)
    assert (cancellation.amount_approved, refund.amount) == (Decimal("200.00"),) * 2
    assert refund.request_key == f"after-sale {cancellation.number}", "a payment has one with it"
    assert stocks() == [13, 11]
    assert states(cancellation) == ["requested", "approved", "refunded"]
    call_command("audit")


def test_a_cancellation_of_what_was_shipped_stays_to_be_rejected(
    cancellation: AfterSale, waiting: OrderInfo, operator: User, desk: Client
) -> None:
    OrderInfo.objects.filter(pk=waiting.pk).update(status=OrderInfo.Status.UNRECEIVED)
    with unchanged(), pytest.raises(WrongState):
        services.approve(cancellation.pk, by=operator)
    desk.post(page("reject", cancellation), {"words": "已发货"})
    cancellation.refresh_from_db()
    assert cancellation.state == "rejected"
    assert not Refund.objects.exists()


def test_money_only(ask: Callable, desk: Client, buyer: User) -> None:
    after_sale = AfterSale.objects.get(pk=ask(kind="refund").json()["id"])
    desk.post(page("approve", after_sale), {"words": "部分退款", "amount": "20.00"})
    after_sale.refresh_from_db()
    assert (after_sale.state, after_sale.amount_approved) == ("refunded", Decimal("20.00"))
    refund = Refund.objects.get()
    assert refund.amount == Decimal("20.00")
    assert refund.request_key == f"after-sale {after_sale.number}", "a payment has one with it"
    assert stocks() == [10, 10]
    shown = logged_in(buyer).get(f"/api/v1/after_sales/{after_sale.pk}/").json()
    assert (shown["answer"], shown["may_be_withdrawn"]) == ("部分退款", False)
    call_command("audit")


def test_goods_come_back_and_some_are_sellable(ask: Callable, desk: Client) -> None:
    after_sale = AfterSale.objects.get(pk=ask(count=3).json()["id"])
    line = after_sale.lines.get()
    desk.post(page("approve", after_sale), {"amount": "150.00"})
    assert not Refund.objects.exists()
    desk.post(page("receive", after_sale), {f"sellable_{line.pk}": "2"})
    after_sale.refresh_from_db()
    line.refresh_from_db()
    assert (after_sale.state, line.sellable) == ("refunded", 2)
    assert Refund.objects.get().amount == Decimal("150.00")
    moved = StockMovement.objects.get()
    assert (moved.change, moved.reason, moved.note) == (2, "return", after_sale.number)
    assert stocks() == [12, 10]
    assert states(after_sale) == ["requested", "approved", "received", "refunded"]
    call_command("audit")


def test_nothing_sellable_moves_no_stock(returned: AfterSale, operator: User) -> None:
    services.approve(returned.pk, by=operator)
    line = returned.lines.get()
    services.receive_goods(returned.pk, sellable={line.pk: 0}, by=operator)
    assert not StockMovement.objects.exists()


@pytest.mark.parametrize("sellable", ["2", "-1", "", "x"])
def test_no_more_is_sellable_than_came_back(
    sellable: str, returned: AfterSale, operator: User, desk: Client
) -> None:
    services.approve(returned.pk, by=operator)
    line = returned.lines.get()
    with unchanged():
        answer = desk.post(page("receive", returned), {f"sellable_{line.pk}": sellable})
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_no_more_is_approved_than_was_asked(returned: AfterSale, desk: Client) -> None:
    with unchanged():
        answer = desk.post(page("approve", returned), {"amount": "50.01"})
    assert answer.context["form"].errors


def test_goods_are_received_even_if_the_money_went_back_otherwise(
    returned: AfterSale, operator: User, desk: Client
) -> None:
    services.approve(returned.pk, by=operator)
    by_hand = request_refund(
        returned.order_id, amount=Decimal("200.00"), reason="协商退款", by=operator
    )
    line = returned.lines.get()
    desk.post(page("receive", returned), {f"sellable_{line.pk}": "1"})
    returned.refresh_from_db()
    assert returned.state == "received"
    assert list(Refund.objects.all()) == [by_hand]
    with unchanged():
        desk.post(page("refund", returned))
    call_command("audit")


@pytest.mark.parametrize("late", ["approve", "reject", "withdraw"])
def test_who_comes_second_is_told(late: str, returned: AfterSale, operator: User) -> None:
    services.reject(returned.pk, by=operator, words="超出范围")
    more = {"words": "不"} if late == "reject" else {}
    with unchanged(), pytest.raises(WrongAfterSaleState) as told:
        getattr(services, late)(returned.pk, by=operator, **more)
    assert told.value.extra["state"] == "rejected"


@pytest.mark.parametrize("name", ["reject", "settle"])
def test_what_was_granted_meanwhile_is_not_overturned_unseen(
    name: str, returned: AfterSale, operator: User, desk: Client
) -> None:
    form = desk.get(page(name, returned)).context["form"]
    seen = {"seen": form["seen"].value(), "words": "超出范围"}
    services.approve(returned.pk, by=operator)
    with unchanged():
        answer = desk.post(page(name, returned), seen, follow=True)
    assert "已同意" in " ".join(map(str, answer.context["messages"]))
    assert desk.post(page(name, returned), seen | {"seen": "approved"}).status_code == 302
    returned.refresh_from_db()
    assert returned.state in {"rejected", "settled"}


def test_a_request_is_refunded_once(returned: AfterSale, operator: User) -> None:
    services.approve(returned.pk, by=operator)
    line = returned.lines.get()
    services.receive_goods(returned.pk, sellable={line.pk: 1}, by=operator)
    services.refund_approved(returned.pk, by=operator)
    with unchanged(), pytest.raises(WrongAfterSaleState):
        services.refund_approved(returned.pk, by=operator)
    with unchanged(), pytest.raises(WrongAfterSaleState):
        services.receive_goods(returned.pk, sellable={line.pk: 1}, by=operator)


def test_only_who_may(returned: AfterSale) -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True))
    with unchanged():
        for name in ["approve", "reject", "receive", "refund"]:
            assert client.post(page(name, returned), {"words": "x"}).status_code == 403


def test_the_pages_of_a_request_and_of_its_order(returned: AfterSale, desk: Client) -> None:
    for name in ["approve", "reject", "receive", "refund", "change"]:
        assert desk.get(page(name, returned)).status_code == 200
    order = desk.get(reverse("admin:orders_orderinfo_change", args=[returned.order_id]))
    assert returned.number in order.content.decode()
