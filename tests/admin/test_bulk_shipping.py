"""Many orders leave the house by one spreadsheet: looked at first, then shipped, each for itself."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from apps.orders import services
from apps.orders.admin import bulk
from apps.orders.models import Carrier, OrderInfo, Shipment, Status
from apps.orders.services import shipping_sheets
from apps.users.models import User
from tests.factories import OrderInfoFactory, SKUFactory
from tests.operators.conftest import desk_of as desk_of
from tests.world import unchanged

pytestmark = pytest.mark.django_db

PAGE = "/admin/orders/orderinfo/ship/"
HEADER = ["订单号", "快递公司", "快递单号"]


@pytest.fixture
def carrier() -> Carrier:
    return Carrier.objects.create(code="somecarrier", name="某某快递")


@pytest.fixture
def orders(carrier: Carrier) -> list[OrderInfo]:
    sku = SKUFactory()
    return [OrderInfoFactory(status=Status.UNSEND, skus=[sku]) for _ in range(3)]


def sheet(*rows: Sequence[Any], header: Sequence[str] = HEADER) -> SimpleUploadedFile:
    book = Workbook()
    book.active.append(list(header))
    for row in rows:
        book.active.append(list(row))
    return saved(book)


def saved(book: Any) -> SimpleUploadedFile:
    file = BytesIO()
    book.save(file)
    return SimpleUploadedFile("parcels.xlsx", file.getvalue())


def look(desk: Client, *rows: Sequence[Any]) -> Any:
    answer = desk.post(PAGE, {"file": sheet(*rows)})
    assert answer.status_code == 200
    return answer


def press(desk: Client, answer: Any, button: str, value: str = "1") -> Any:
    return desk.post(PAGE, {"plan": answer.context["plan"], button: value}, follow=True)


def refusals(answer: Any) -> list[str]:
    return [entry.refusal for entry in answer.context["page"]]


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def row(order: OrderInfo, number: str = "") -> list[str]:
    return [order.pk, "某某快递", number or f"SF{order.pk}"]


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def table(answer: Any) -> list[tuple]:
    return list(load_workbook(BytesIO(content(answer))).active.iter_rows(values_only=True))


class TestTheWayOfASheet:
    def test_what_waits_is_filled_in_and_shipped(
        self, orders: list[OrderInfo], desk: Client, operator: User
    ) -> None:
        OrderInfoFactory(status=Status.UNPAID)
        book = load_workbook(BytesIO(content(desk.get(f"{PAGE}waiting/"))))
        rows = list(book.active.iter_rows(values_only=True))
        assert rows[0][:3] == tuple(HEADER)
        assert [each[0] for each in rows[1:]] == [order.pk for order in orders]
        for place in (2, 4):  # the one between waits on
            book.active.cell(place, 2).value = "SomeCarrier" if place == 2 else "某某快递"
            book.active.cell(place, 3).value = f"SF1234{place}"
        with unchanged():
            shown = desk.post(PAGE, {"file": saved(book)})
        assert refusals(shown) == ["", ""]
        assert "发出 2 个订单" in shown.content.decode()
        done = press(desk, shown, "ship")
        assert told(done) == ["已发出 2 个订单。"]
        shipped = Shipment.objects.order_by("pk").values_list("order_id", "number", "shipped_by")
        assert list(shipped) == [
            (orders[0].pk, "SF12342", operator.pk),
            (orders[2].pk, "SF12344", operator.pk),
        ]
        statuses = OrderInfo.objects.filter(pk__in=[each.pk for each in orders]).order_by("pk")
        assert list(statuses.values_list("status", flat=True)) == [3, 2, 3]
        logged = LogEntry.objects.order_by("pk").values_list("object_id", "change_message")
        assert logged[0] == (orders[0].pk, "已发货：某某快递 SF12342")
        assert len(logged) == 2

    def test_who_shipped_is_written_down_with_each(
        self, orders: list[OrderInfo], desk: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A worker that is killed on the way leaves no order shipped by nobody."""
        shown = look(desk, *map(row, orders))

        def killed_at_the_last(order_id: str, **asked: Any) -> Shipment:
            if order_id == orders[2].pk:
                raise SystemExit
            return services.ship_order(order_id, **asked)

        monkeypatch.setattr(shipping_sheets, "ship_order", killed_at_the_last)
        with pytest.raises(SystemExit):
            press(desk, shown, "ship")
        shipped = Shipment.objects.order_by("pk").values_list("order_id", flat=True)
        logged = LogEntry.objects.order_by("pk").values_list("object_id", flat=True)
        assert list(logged) == list(shipped) == [orders[0].pk, orders[1].pk]

    def test_fifty_are_one_upload_and_one_click(self, carrier: Carrier, desk: Client) -> None:
        sku = SKUFactory()
        many = [OrderInfoFactory(status=Status.UNSEND, skus=[sku]) for _ in range(50)]
        done = press(desk, look(desk, *map(row, many)), "ship")
        assert told(done) == ["已发出 50 个订单。"]
        assert Shipment.objects.count() == 50

    def test_the_same_preview_twice_ships_once(self, orders: list[OrderInfo], desk: Client) -> None:
        shown = look(desk, *map(row, orders))
        press(desk, shown, "ship")
        again = press(desk, shown, "ship")
        assert refusals(again) == ["", "", ""]
        assert Shipment.objects.count() == 3
        assert OrderInfo.objects.filter(events__step="ship").count() == 3

    def test_a_refused_one_does_not_keep_the_others_waiting(
        self, orders: list[OrderInfo], carrier: Carrier, desk: Client, operator: User
    ) -> None:
        shown = look(desk, *map(row, orders))
        services.ship_order(orders[1].pk, carrier=carrier, number="OTHER1", by=operator)
        done = press(desk, shown, "ship")
        assert told(done) == ["已发出 2 个订单。", "1 个订单被拒绝。"]
        assert [bool(each) for each in refusals(done)] == [False, True, False]
        assert "待收货" in refusals(done)[1]
        assert orders[1].shipment.number == "OTHER1"

    def test_more_than_a_click_takes_go_on_with_another(
        self, orders: list[OrderInfo], desk: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk, "ORDERS_AT_ONCE", 2)
        half = press(desk, look(desk, *map(row, orders)), "ship")
        assert (half.context["shipped"], half.context["waiting"]) == (2, 1)
        whole = press(desk, half, "ship")
        assert (whole.context["shipped"], whole.context["waiting"]) == (3, 0)

    def test_what_was_refused_comes_back_with_the_reason(
        self, orders: list[OrderInfo], desk: Client
    ) -> None:
        shown = look(desk, row(orders[0]), ["999", "某某快递", "SF12345"])
        refused = ("999", "某某快递", "SF12345", 3, refusals(shown)[1])
        assert table(press(desk, shown, "xlsx"))[1:] == [refused]
        text = content(press(desk, shown, "csv")).decode("utf-8-sig")
        assert text.splitlines()[1:] == [",".join(map(str, refused))]


class TestRefusals:
    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({0: "999"}, "没有这个订单。"),
            ({1: "无此快递"}, "没有这家快递公司。"),
            ({1: ""}, "缺快递公司。"),
            ({2: "SF 1"}, "快递单号为 5 至 40 位字母、数字或连字符。"),
            ({2: ""}, "快递单号为 5 至 40 位字母、数字或连字符。"),
            ({0: ""}, "订单号: 这个单元格是空的。"),
        ],
    )
    def test_one_row(
        self, changed: dict[int, str], said: str, orders: list[OrderInfo], desk: Client
    ) -> None:
        cells = [changed.get(place, cell) for place, cell in enumerate(row(orders[0]))]
        with unchanged():
            shown = look(desk, cells)
            press(desk, shown, "ship")
        assert refusals(shown) == [said]

    @pytest.mark.parametrize("status", [s for s in Status if s != Status.UNSEND])
    def test_another_state(self, status: Status, orders: list[OrderInfo], desk: Client) -> None:
        OrderInfo.objects.update(status=status)
        (refusal,) = refusals(look(desk, row(orders[0])))
        assert str(status.label) in refusal

    def test_a_formula_and_a_number_that_lost_its_digits(
        self, orders: list[OrderInfo], desk: Client
    ) -> None:
        shown = look(
            desk,
            [orders[0].pk, "某某快递", '=HYPERLINK("http://x")'],
            [int(orders[1].pk), "某某快递", "SF12345"],
            [orders[2].pk, "某某快递", 123456789012],
        )
        assert [bool(each) for each in refusals(shown)] == [True, True, False]
        press(desk, shown, "ship")
        assert Shipment.objects.get().number == "123456789012"

    def test_a_carrier_that_is_not_in_use(self, orders: list[OrderInfo], desk: Client) -> None:
        Carrier.objects.update(is_active=False)
        assert refusals(look(desk, row(orders[0]))) != [""]

    def test_an_order_twice_is_not_shipped_at_all(
        self, orders: list[OrderInfo], desk: Client
    ) -> None:
        shown = look(desk, row(orders[0]), row(orders[1]), row(orders[0], "SF54321"))
        assert [bool(each) for each in refusals(shown)] == [True, False, True]

    def test_a_number_twice_is_a_warning(
        self, orders: list[OrderInfo], carrier: Carrier, desk: Client, operator: User
    ) -> None:
        services.ship_order(orders[2].pk, carrier=carrier, number="USED1", by=operator)
        shown = look(desk, row(orders[0], "SF12345"), row(orders[1], "SF12345"))
        assert all(entry.warning for entry in shown.context["page"])
        (entry,) = look(desk, row(orders[0], "USED1")).context["page"]
        assert entry.warning
        press(desk, shown, "ship")
        assert Shipment.objects.filter(number="SF12345").count() == 2

    @pytest.mark.parametrize(
        "file",
        [
            sheet(["1", "2"], header=["订单号", "快递公司"]),
            SimpleUploadedFile("parcels.xlsx", b"PK\x03\x04 no workbook"),
            SimpleUploadedFile("parcels.csv", b""),
            sheet(["1", "", ""]),
        ],
        ids=["headers", "damaged", "empty", "nothing filled in"],
    )
    def test_a_file_that_cannot_be_used(self, file: Any, desk: Client) -> None:
        file.seek(0)
        answer = desk.post(PAGE, {"file": file})
        assert answer.status_code == 200
        assert "file" in answer.context["form"].errors

    def test_nobody_confirms_what_another_looked_at(
        self, orders: list[OrderInfo], desk: Client, desk_of: Callable[[str], Client]
    ) -> None:
        shown = look(desk, row(orders[0]))
        other = desk_of("warehouse")
        with unchanged():
            assert len(told(press(other, shown, "ship"))) == 1
            forged = {"plan": shown.context["plan"][:-1] + "x", "ship": "1"}
            assert desk.post(PAGE, forged).status_code == 302

    def test_what_they_wrote_is_text(self, orders: list[OrderInfo], desk: Client) -> None:
        html = look(desk, ["<script>1</script>", "<b>", "<i>"]).content.decode()
        assert "<script>1" not in html
        assert "&lt;script&gt;1" in html


class TestSize:
    def test_a_look_costs_the_same_however_many_rows(
        self, orders: list[OrderInfo], desk: Client
    ) -> None:
        def costs(*rows: Sequence[Any]) -> int:
            with CaptureQueriesContext(connection) as captured:
                look(desk, *rows)
            return len(captured)

        look(desk, row(orders[0]))
        assert costs(row(orders[0])) == costs(*map(row, orders))

    def test_five_thousand_rows_are_paged(self, orders: list[OrderInfo], desk: Client) -> None:
        rows = [[f"{number:024d}", "某某快递", f"SF{number:020d}"] for number in range(4999)]
        with CaptureQueriesContext(connection) as captured:
            shown = look(desk, *rows, row(orders[0]))
        assert len(captured) <= 30
        assert (shown.context["refused"], shown.context["waiting"]) == (4999, 1)
        assert len(shown.content) < 2_000_000
        last = press(desk, shown, "page", "25")
        assert [entry.row for entry in last.context["page"]] == list(range(4802, 5002))
        press(desk, last, "ship")
        assert Shipment.objects.get().order_id == orders[0].pk


@pytest.mark.parametrize(
    ("role", "status"),
    [("service", 403), ("warehouse", 200), ("finance", 403), ("catalogue", 403), ("manager", 200)],
)
def test_who_may(role: str, status: int, desk_of: Callable[[str], Client]) -> None:
    desk = desk_of(role)
    assert desk.get(PAGE).status_code == desk.get(f"{PAGE}waiting/").status_code == status
    assert desk.post(PAGE, {"plan": "x", "ship": "1"}, follow=True).status_code == status
    listed = desk.get("/admin/orders/orderinfo/").content.decode()
    assert (f'href="{PAGE}"' in listed) is (status == 200)
