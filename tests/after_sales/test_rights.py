"""Customer service decides, the warehouse takes goods in, finance gives money back; a manager does all of it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from apps.after_sales import services
from apps.after_sales.models import AfterSale
from apps.goods.models import StockMovement
from apps.orders.models import OrderInfo
from apps.payment.models import Refund
from apps.payment.services import cancel_paid_order, request_refund
from apps.users.models import User
from tests.conftest import logged_in
from tests.operators.conftest import desk_of as desk_of
from tests.world import unchanged

pytestmark = pytest.mark.django_db

ROLES = ["service", "warehouse", "finance", "catalogue", "manager"]
# Who opens each page: 客服, 仓库, 财务, 商品, 管理员.
TABLE = {
    "approve": "x - - - x",
    "reject": "x - - - x",
    "receive": "- x - - x",
    "refund": "- - x - x",
    "settle": "- - x - x",
}


def page(name: str, after_sale: AfterSale) -> str:
    return reverse(f"admin:after_sales_aftersale_{name}", args=[after_sale.pk])


def offered(desk: Client, after_sale: AfterSale) -> set[str]:
    """What the request's own page leads to."""
    return set(desk.get(page("change", after_sale)).context["deeds"])


def state_of(after_sale: AfterSale) -> str:
    after_sale.refresh_from_db()
    return after_sale.state


@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what(role: str, returned: AfterSale, desk_of: Callable) -> None:
    desk = desk_of(role)
    column = ROLES.index(role)
    for name, line in TABLE.items():
        expected = 200 if line.split()[column] == "x" else 403
        assert desk.get(page(name, returned)).status_code == expected, name
        if expected == 403:
            with unchanged():
                answer = desk.post(page(name, returned), {"words": "x", "amount": "1.00"})
            assert answer.status_code == 403


def test_a_return_goes_from_hand_to_hand(returned: AfterSale, desk_of: Callable) -> None:
    service, warehouse, finance = map(desk_of, ["service", "warehouse", "finance"])
    line = returned.lines.get()
    assert offered(service, returned) == {"approve", "reject"}
    service.post(page("approve", returned), {"amount": "45.00"})
    assert state_of(returned) == "approved"
    assert offered(warehouse, returned) == {"receive"}
    assert "45.00" not in warehouse.get(page("receive", returned)).content.decode()
    warehouse.post(page("receive", returned), {f"sellable_{line.pk}": "1"})
    assert state_of(returned) == "received"
    assert StockMovement.objects.get().change == 1
    assert not Refund.objects.exists()
    assert offered(service, returned) == set()
    assert offered(finance, returned) == {"refund", "settle"}
    finance.post(page("refund", returned))
    assert state_of(returned) == "refunded"
    assert Refund.objects.get().amount == Decimal("45.00")
    call_command("audit")


def test_a_refund_that_customer_service_grants_waits_for_finance(
    ask: Callable, desk_of: Callable
) -> None:
    after_sale = AfterSale.objects.get(pk=ask(kind="refund").json()["id"])
    desk_of("service").post(page("approve", after_sale), {"amount": "20.00"})
    assert (state_of(after_sale), Refund.objects.count()) == ("approved", 0)
    finance = desk_of("finance")
    assert offered(finance, after_sale) == {"refund", "settle"}
    finance.post(page("refund", after_sale))
    assert (state_of(after_sale), Refund.objects.get().amount) == ("refunded", Decimal("20.00"))
    call_command("audit")


def test_a_granted_cancellation_is_canceled_with_its_refund(
    cancellation: AfterSale, waiting: OrderInfo, desk_of: Callable
) -> None:
    desk_of("service").post(page("approve", cancellation), {"words": "好的"})
    waiting.refresh_from_db()
    assert (state_of(cancellation), waiting.status) == ("approved", OrderInfo.Status.UNSEND)
    call_command("audit")
    desk_of("finance").post(page("refund", cancellation))
    waiting.refresh_from_db()
    assert (state_of(cancellation), waiting.status) == ("refunded", OrderInfo.Status.CANCELED)
    assert cancellation.amount_approved == Refund.objects.get().amount == Decimal("200.00")
    call_command("audit")


def test_a_cancellation_of_what_was_partly_refunded_meanwhile(
    cancellation: AfterSale, operator: User
) -> None:
    services.approve(cancellation.pk, by=operator, pays=False)
    request_refund(cancellation.order_id, amount=Decimal("80.00"), reason="x", by=operator)
    services.refund_approved(cancellation.pk, by=operator)
    cancellation.refresh_from_db()
    assert cancellation.amount_approved == Decimal("120.00")
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [80, 120]
    call_command("audit")


class TestSettledOtherwise:
    """An end for requests whose money went back in another way."""

    SAID: dict[str, Any] = {"words": "线下已退款"}

    def test_goods_are_here_and_the_money_went_back_from_the_payments_page(
        self, returned: AfterSale, operator: User, desk: Client, buyer: User
    ) -> None:
        services.approve(returned.pk, by=operator)
        by_hand = request_refund(
            returned.order_id, amount=Decimal("200.00"), reason="协商退款", by=operator
        )
        desk.post(page("receive", returned), {f"sellable_{returned.lines.get().pk}": "1"})
        with unchanged():  # nothing is left to be refunded
            desk.post(page("refund", returned))
        desk.post(page("settle", returned), self.SAID)
        assert (state_of(returned), returned.refund) == ("settled", None)
        assert list(Refund.objects.all()) == [by_hand]
        step = returned.events.last()
        assert step is not None
        assert (step.from_state, step.to_state, step.by, step.note) == (
            "received", "settled", operator, "线下已退款",
        )  # fmt: skip
        shown = logged_in(buyer).get(f"/api/v1/after_sales/{returned.pk}/").json()
        assert (shown["state"], shown["state_text"], shown["answer"]) == (
            "settled", "已另行处理", "线下已退款",
        )  # fmt: skip
        assert offered(desk, returned) == set()
        call_command("audit")

    def test_needs_a_reason(self, returned: AfterSale, desk: Client) -> None:
        with unchanged():
            assert desk.post(page("settle", returned), {"words": " "}).context["form"].errors

    def test_its_units_are_not_asked_for_again(
        self, ask: Callable, returned: AfterSale, operator: User
    ) -> None:
        services.settle_otherwise(returned.pk, by=operator, words="线下已退款")
        with unchanged():
            assert ask(count=3).json()["code"] == "after_sale_too_many_units"

    def test_not_a_cancellation_that_was_not_carried_out(
        self, cancellation: AfterSale, desk: Client
    ) -> None:
        with unchanged():
            desk.post(page("settle", cancellation), self.SAID)

    def test_a_cancellation_ends_with_its_order(
        self, cancellation: AfterSale, operator: User, desk: Client
    ) -> None:
        refund = cancel_paid_order(cancellation.order_id, by=operator, reason="电话里说好")
        with unchanged():
            desk.post(page("approve", cancellation), {"words": "好的"})
            desk.post(page("settle", cancellation), self.SAID)
        assert state_of(cancellation) == "refunded"
        assert list(Refund.objects.all()) == [refund]
        call_command("audit")

    @pytest.mark.parametrize("done", ["refunded", "rejected", "withdrawn", "settled"])
    def test_not_what_has_ended(
        self, done: str, ask: Callable, operator: User, buyer: User, desk: Client
    ) -> None:
        pk = AfterSale.objects.get(pk=ask(kind="refund").json()["id"]).pk
        if done == "refunded":
            services.approve(pk, by=operator)
        elif done == "rejected":
            services.reject(pk, by=operator, words="不")
        elif done == "withdrawn":
            services.withdraw(pk, by=buyer)
        else:
            services.settle_otherwise(pk, by=operator, words="线下已退款")
        after_sale = AfterSale.objects.get(pk=pk)
        assert after_sale.state == done
        with unchanged():
            desk.post(page("settle", after_sale), self.SAID)
