"""A list as it is filtered, searched and ordered, or the ticked rows of it, with the columns one chooses."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from apps.core.admin import exporting
from apps.exports.models import Export
from apps.goods.admin.skus import SKUAdmin
from apps.orders.models import OrderInfo
from apps.users.models import User
from tests.admin.conftest import place
from tests.exports.conftest import export, new_page, offered, sheet, workbook
from tests.factories import BrandFactory, SKUFactory, UserFactory

pytestmark = pytest.mark.django_db

ORDERS = "/admin/orders/orderinfo/"


@pytest.fixture
def orders() -> list[OrderInfo]:
    """Five, the last one the newest, every second one paid."""
    buyer = UserFactory(username="buyer")
    status = [OrderInfo.Status.UNPAID, OrderInfo.Status.UNSEND]
    return [place(buyer, f"2026010100000000000000{n:02d}", status=status[n % 2]) for n in range(5)]


def numbers(answer: Any) -> list[str]:
    return [row[0] for row in sheet(answer)[1:]]


class TestWhichRows:
    def test_the_whole_list_in_its_order(self, desk: Client, orders: list[OrderInfo]) -> None:
        rows = sheet(export(desk, "orders.OrderInfo", "order_id", "status", "total_amount", "user"))
        assert rows[0] == ["订单号", "状态", "订单总额", "买家"]
        assert rows[1:] == [
            [order.pk, order.get_status_display(), "60.00", "buyer"] for order in reversed(orders)
        ]

    @pytest.mark.parametrize("query", ["status__exact=2", "status=2"])
    def test_filtered(self, query: str, desk: Client, orders: list[OrderInfo]) -> None:
        found = numbers(export(desk, "orders.OrderInfo", "order_id", query=query))
        assert found == [orders[3].pk, orders[1].pk]

    def test_searched(self, desk: Client, orders: list[OrderInfo]) -> None:
        query = f"q={orders[2].pk}"
        assert numbers(export(desk, "orders.OrderInfo", "order_id", query=query)) == [orders[2].pk]

    def test_ordered_as_somebody_clicked(self, desk: Client) -> None:
        for name in ["乙", "丙", "甲"]:
            BrandFactory(name=name, first_letter="A")
        listed = desk.get("/admin/goods/brand/?o=2").context["cl"].result_list
        found = numbers(export(desk, "goods.Brand", "name", query="o=2"))
        assert found == [brand.name for brand in listed] == sorted(["乙", "丙", "甲"])
        assert numbers(export(desk, "goods.Brand", "name", query="o=-2")) == found[::-1]

    def test_not_only_the_page_one_is_on(self, desk: Client, orders: list[OrderInfo]) -> None:
        assert len(numbers(export(desk, "orders.OrderInfo", "order_id", query="p=2&all="))) == 5

    def test_the_button_leads_to_just_this_list(
        self, desk: Client, orders: list[OrderInfo]
    ) -> None:
        page = desk.get(ORDERS, {"status__exact": 1, "q": "buyer"})
        address = page.context["export_page"]
        assert address == f"{new_page('orders.OrderInfo')}?status__exact=1&q=buyer"
        assert address.replace("&", "&amp;") in page.content.decode()
        assert desk.get(address).context["count"] == 3

    def test_ticked_rows(self, desk: Client, orders: list[OrderInfo]) -> None:
        ticked = [orders[0].pk, orders[4].pk]
        form = {"action": "export_ticked", "_selected_action": ticked}
        led = desk.post(f"{ORDERS}?q=buyer", form)
        assert led.status_code == 302
        assert exporting.TICKED in led.url
        answer = desk.post(led.url, {"columns": ["order_id"], "kind": "csv"})
        assert numbers(answer) == [orders[4].pk, orders[0].pk]
        assert Export.objects.get().ticked == ticked

    def test_all_rows_of_all_pages(self, desk: Client) -> None:
        BrandFactory.create_batch(3)
        form = {"action": "export_ticked", "_selected_action": ["1"], "select_across": "1"}
        led = desk.post("/admin/goods/brand/", form)
        assert led.url == new_page("goods.Brand")

    @pytest.mark.parametrize("query", ["status__exact=x", "nothing=1", "_rows=1,x&q="])
    def test_what_the_list_does_not_understand(
        self, query: str, desk: Client, orders: list[OrderInfo]
    ) -> None:
        label = "goods.SKU" if "_rows" in query else "orders.OrderInfo"
        answer = desk.get(f"{new_page(label)}?{query}")
        assert answer.status_code == 302
        assert not Export.objects.exists()


class TestWhichColumns:
    def test_those_of_the_list_and_more_but_no_pictures(self, desk: Client) -> None:
        SKUFactory()
        names = offered(desk, "goods.SKU")
        assert names[:3] == ["id", "name", "category"]
        assert {"cost_price", "goods__brand"} <= set(names)
        assert not {"image_thumbnail", "movements"} & set(names)

    def test_in_the_order_of_the_list(self, desk: Client) -> None:
        SKUFactory(name="手机", price=Decimal("9.90"), is_launched=False)
        rows = sheet(export(desk, "goods.SKU", "is_launched", "price", "name"))
        assert rows == [["名称", "售价", "已上架"], ["手机", "9.90", "否"]]

    def test_over_relations(self, desk: Client, stock_up: Callable[[int], None]) -> None:
        stock_up(1)
        order = OrderInfo.objects.get(shipment__isnull=False)
        columns = ["order_id", "shipment__carrier", "shipment__number"]
        rows = sheet(export(desk, "orders.OrderInfo", *columns, query=f"q={order.pk}"))
        shipment = order.shipment
        assert rows[0][1:] == ["包裹 快递公司", "包裹 快递单号"]
        assert rows[1] == [order.pk, shipment.carrier.name, shipment.number]

    def test_what_is_not_there_is_empty(self, desk: Client, orders: list[OrderInfo]) -> None:
        columns = ["paid_through", "shipment__number"]
        assert sheet(export(desk, "orders.OrderInfo", *columns))[1] == ["", ""]

    def test_are_remembered(self, desk: Client, orders: list[OrderInfo]) -> None:
        b"".join(export(desk, "orders.OrderInfo", "order_id", "user").streaming_content)
        form = desk.get(new_page("orders.OrderInfo")).context["form"]
        assert form["columns"].value() == ["order_id", "user"]

    def test_none_is_not_enough(self, desk: Client, orders: list[OrderInfo]) -> None:
        answer = desk.post(new_page("orders.OrderInfo"), {"columns": [], "kind": "csv"})
        assert answer.context["form"].errors.keys() == {"columns"}


class TestWhatIsInTheFile:
    HARMFUL = '=HYPERLINK("http://evil.example","x")'

    def test_no_formula_and_all_digits_in_a_workbook(self, desk: Client) -> None:
        buyer = UserFactory(username="buyer")
        place(buyer, "202601010000000000000001", receiver=self.HARMFUL[:20])
        rows = workbook(export(desk, "orders.OrderInfo", "order_id", "receiver", kind="xlsx"))
        assert rows[1] == ["202601010000000000000001", f"'{self.HARMFUL[:20]}"]

    def test_no_formula_in_a_csv(self, desk: Client) -> None:
        SKUFactory(name=self.HARMFUL, caption="@SUM(1)")
        assert sheet(export(desk, "goods.SKU", "name", "caption"))[1] == [
            f"'{self.HARMFUL}",
            "'@SUM(1)",
        ]

    def test_a_text_longer_than_excel_has(
        self, desk: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        SKUFactory()
        monkeypatch.setattr(SKUAdmin, "export_without", [])
        monkeypatch.setattr(SKUAdmin, "movements", lambda admin, sku: "美" * 40_000)
        rows = workbook(export(desk, "goods.SKU", "movements", kind="xlsx"))
        assert rows[1] == ["美" * 32_767]

    def test_it_is_called_by_the_list_and_kept_by_nobody(
        self, desk: Client, orders: list[OrderInfo]
    ) -> None:
        for kind in ["csv", "xlsx"]:
            answer = export(desk, "orders.OrderInfo", "order_id", kind=kind)
            assert "filename*=utf-8''%E8%AE%A2%E5%8D%95-" in answer["Content-Disposition"]
            assert answer["Content-Disposition"].endswith(f".{kind}")
            assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
            b"".join(answer.streaming_content)


def test_each_is_written_down(desk: Client, operator: User, orders: list[OrderInfo]) -> None:
    answer = export(desk, "orders.OrderInfo", "order_id", query="status__exact=1&p=3")
    sheet(answer)
    written = Export.objects.get()
    assert (written.operator, written.model, written.query) == (
        operator,
        "orders.orderinfo",
        "status__exact=1",
    )
    assert (written.columns, written.rows, written.state) == (["order_id"], 3, "done")
    assert (written.is_direct, bool(written.file)) == (True, False)


def test_a_browser_that_goes_away_is_written_down_too(
    desk: Client, orders: list[OrderInfo]
) -> None:
    answer = export(desk, "orders.OrderInfo", "order_id")
    next(iter(answer.streaming_content))
    # As close() does, which would close the test's connection to the database, too.
    for close in answer._resource_closers:
        close()
    assert Export.objects.get().state == "canceled"
