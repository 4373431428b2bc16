"""What a buyer asks to cancel does not leave the house until somebody has decided."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from apps.after_sales import services
from apps.after_sales.models import AfterSale
from apps.orders.exceptions import HeldBack
from apps.orders.models import Carrier, OrderInfo, Shipment, Status
from apps.orders.services import ship_order
from apps.payment.services import cancel_paid_order
from apps.users.models import User
from tests.admin.test_bulk_shipping import look, press, refusals, row, table
from tests.after_sales.conftest import paid_order
from tests.operators.conftest import desk_of as desk_of
from tests.world import unchanged

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/orderinfo/"
SAID = "买家申请取消此订单，请先处理该申请再发货。"


@pytest.fixture
def carrier() -> Carrier:
    return Carrier.objects.create(code="somecarrier", name="某某快递")


@pytest.fixture
def other(buyer: User, operator: User) -> OrderInfo:
    """One that nobody wants to cancel."""
    return paid_order(buyer, operator, Status.UNSEND)


def page(order: OrderInfo, name: str) -> str:
    return f"{LIST}{order.pk}/{name}/"


class TestTheServiceRefuses:
    @pytest.mark.parametrize("is_granted", [False, True])
    def test_while_it_waits(
        self,
        is_granted: bool,
        cancellation: AfterSale,
        waiting: OrderInfo,
        carrier: Carrier,
        operator: User,
    ) -> None:
        if is_granted:
            services.approve(cancellation.pk, by=operator, pays=False)
        with unchanged(), pytest.raises(HeldBack) as told:
            ship_order(waiting.pk, carrier=carrier, number="SF12345", by=operator)
        assert told.value.hold.about == cancellation

    @pytest.mark.parametrize("end", ["reject", "withdraw"])
    def test_no_longer(
        self,
        end: str,
        cancellation: AfterSale,
        waiting: OrderInfo,
        carrier: Carrier,
        operator: User,
    ) -> None:
        more = {"words": "已打包"} if end == "reject" else {}
        getattr(services, end)(cancellation.pk, by=operator, **more)
        ship_order(waiting.pk, carrier=carrier, number="SF12345", by=operator)
        assert Shipment.objects.get().order_id == waiting.pk

    def test_what_is_canceled_says_so(
        self, cancellation: AfterSale, waiting: OrderInfo, carrier: Carrier, operator: User
    ) -> None:
        cancel_paid_order(waiting.pk, by=operator, reason="电话里说好")
        with unchanged(), pytest.raises(Exception, match="已取消|canceled"):
            ship_order(waiting.pk, carrier=carrier, number="SF12345", by=operator)


class TestThePages:
    def test_of_one_order_leads_to_the_request(
        self,
        cancellation: AfterSale,
        waiting: OrderInfo,
        carrier: Carrier,
        desk_of: Callable,
    ) -> None:
        warehouse = desk_of("warehouse")
        link = reverse("admin:after_sales_aftersale_change", args=[cancellation.pk])
        sent = {"carrier": carrier.pk, "number": "SF12345"}
        with unchanged():
            answers = [
                warehouse.get(page(waiting, "ship"), follow=True),
                warehouse.post(page(waiting, "ship"), sent, follow=True),
            ]
        for answer in answers:
            assert answer.redirect_chain[-1][0] == page(waiting, "change")
            assert f'{SAID} <a href="{link}">{cancellation}</a>' in answer.content.decode()
        assert warehouse.get(link).status_code == 200

    def test_of_many_a_row_says_why_not(
        self,
        cancellation: AfterSale,
        waiting: OrderInfo,
        other: OrderInfo,
        carrier: Carrier,
        desk: Client,
    ) -> None:
        with unchanged():
            shown = look(desk, row(waiting), row(other, "SF99999"))
        assert refusals(shown) == [SAID, ""]
        done = press(desk, shown, "ship")
        assert refusals(done) == [SAID, ""]
        assert Shipment.objects.get().order_id == other.pk
        refused = table(press(desk, done, "xlsx"))
        assert [(each[0], each[-1]) for each in refused[1:]] == [(waiting.pk, SAID)]

    def test_of_many_also_what_was_asked_after_the_look(
        self, waiting: OrderInfo, carrier: Carrier, desk: Client, buyer: User
    ) -> None:
        shown = look(desk, row(waiting))
        assert refusals(shown) == [""]
        services.request_after_sale(waiting.pk, kind="cancel", reason="late", by=buyer)
        with unchanged():
            done = press(desk, shown, "ship")
        assert refusals(done) == [SAID]

    def test_the_sheet_of_what_waits_has_a_remark(
        self, cancellation: AfterSale, waiting: OrderInfo, other: OrderInfo, desk: Client
    ) -> None:
        sheet = b"".join(desk.get(f"{LIST}ship/waiting/").streaming_content)
        rows = list(load_workbook(BytesIO(sheet)).active.iter_rows(values_only=True))
        assert rows[0][-1] == "备注"
        assert {each[0]: each[-1] or "" for each in rows[1:]} == {waiting.pk: SAID, other.pk: ""}

    def test_the_picking_list_leaves_it_out(
        self, cancellation: AfterSale, waiting: OrderInfo, other: OrderInfo, desk: Client
    ) -> None:
        answer = take(desk, [waiting, other], "picking_list")
        assert [order.pk for order in answer.context["orders"]] == [other.pk]
        wanted = dict(other.skus.values_list("sku_id", "count"))
        assert {each["sku_id"]: each["units"] for each in answer.context["lines"]} == wanted
        assert f"<td>{waiting.pk}</td><td>{SAID}</td>" in answer.content.decode()

    def test_it_has_no_delivery_note(
        self, cancellation: AfterSale, waiting: OrderInfo, other: OrderInfo, desk: Client
    ) -> None:
        html = take(desk, [waiting, other], "delivery_notes").content.decode()
        assert html.count("<h1>发货单</h1>") == 1
        assert f"<td>{waiting.pk}</td><td>{SAID}</td>" in html
        assert "<h1>" not in desk.get(page(waiting, "delivery-note")).content.decode()

    def test_nothing_is_said_of_others(self, other: OrderInfo, desk: Client) -> None:
        assert "不可发货" not in take(desk, [other], "picking_list").content.decode()


def take(desk: Client, orders: list[OrderInfo], action: str) -> Any:
    chosen = [order.pk for order in orders]
    return desk.post(LIST, {"action": action, "_selected_action": chosen}, follow=True)
