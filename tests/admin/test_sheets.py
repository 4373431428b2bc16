"""Prices and stock by spreadsheet: seen first, applied as a whole or not at all, whatever happens in between."""

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from apps.goods import services
from apps.goods.models import SKU, SKUChange, StockMovement, StockSheet
from apps.goods.services.sheets import Change
from apps.users.models import User
from tests.factories import SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

PAGE = "/admin/goods/sku/sheet/"
EXPORT = "/admin/goods/sku/sheet/export.xlsx"
TITLES = [
    "SKU编号",
    "名称",
    "售价",
    "市场价",
    "进价",
    "已上架",
    "库存",
    "入库数量",
    "导出时库存",
    "变动号（勿改）",
]


def test_columns_are_told_in_the_sheets_order() -> None:
    """Whatever a database made of the JSON in which a change was kept: some sort its keys by length."""
    keys = ("cost_price", "is_launched", "market_price", "price")
    change = Change(2, 1, "", before=dict.fromkeys(keys), after=dict.fromkeys(keys))
    told = [title for title, _before, _after in change.described]
    assert told == ["售价", "市场价", "进价", "已上架"]


def exported(desk: Client) -> list[list[Any]]:
    content = b"".join(desk.get(EXPORT).streaming_content)
    sheet = load_workbook(io.BytesIO(content)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def workbook(rows: list[list[Any]]) -> SimpleUploadedFile:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("调价.xlsx", file.getvalue())


def upload(desk: Client, rows: list[list[Any]]) -> Any:
    return desk.post(PAGE, {"file": workbook(rows)})


def looked_at(desk: Client, rows: list[list[Any]]) -> str:
    """The address of the preview."""
    answer = upload(desk, rows)
    assert answer.status_code == 302, [it.message for it in answer.context["problems"]]
    return answer["Location"]


def why_not(desk: Client, rows: list[list[Any]]) -> list[tuple[int, str, str]]:
    with unchanged():
        answer = upload(desk, rows)
    return [(it.row, it.column, it.message) for it in answer.context["problems"]]


def outdated(desk: Client, preview: str) -> list[tuple[int, str]]:
    with unchanged():
        answer = desk.post(preview)
    assert answer.status_code == 200
    return answer.context["outdated"]


def sell(sku: SKU, count: int) -> None:
    SKU.objects.filter(pk=sku.pk).update(stock=F("stock") - count, sales=F("sales") + count)


@pytest.fixture
def sku() -> SKU:
    return SKUFactory(
        name="手机", stock=10, price="50.00", market_price="60.00", cost_price="30.00"
    )


@pytest.fixture
def rows(desk: Client, sku: SKU) -> list[list[Any]]:
    return exported(desk)


def test_the_export_is_the_list_as_it_is(rows: list[list[Any]], sku: SKU) -> None:
    assert rows == [TITLES, [sku.pk, "手机", 50, 60, 30, "是", 10, None, 10, 0]]


def test_changed_and_brought_back_it_is_shown_and_then_applied(
    desk: Client, rows: list[list[Any]], sku: SKU, operator: User
) -> None:
    other = SKUFactory(stock=3)
    rows[1][2:7] = [45.5, 61, 31, "否", 12]
    rows.append([other.pk, None, None, None, None, None, None, 4, None, None])
    preview = looked_at(desk, rows)
    with unchanged():
        html = desk.get(preview).content.decode()
    assert list(SKU.objects.values_list("stock", flat=True).order_by("pk")) == [10, 3]
    assert "50.00 → <b>45.50</b>" in html
    assert "10 → <b>12</b> (+2)" in html
    assert "3 → <b>7</b> (+4)" in html
    SKUChange.objects.all().delete()
    assert desk.post(preview).status_code == 302
    sku.refresh_from_db()
    assert (sku.price, sku.market_price, sku.cost_price) == (Decimal("45.50"), 61, 31)
    assert (sku.is_launched, sku.stock) == (False, 12)
    moved = StockMovement.objects.order_by("change").values_list(
        "sku", "change", "stock_after", "reason", "note", "author"
    )
    assert list(moved) == [
        (sku.pk, 2, 12, "sheet", "调价.xlsx 第 2 行", operator.pk),
        (other.pk, 4, 7, "sheet", "调价.xlsx 第 3 行", operator.pk),
    ]
    assert [note.sku_id for note in SKUChange.objects.all()] == [sku.pk]
    said = LogEntry.objects.get(object_id=sku.pk).change_message
    assert said == "售价; 市场价; 进价; 已上架; 库存: +2"
    call_command("audit")


def test_sales_between_export_upload_and_confirmation_stay_sold(
    desk: Client, rows: list[list[Any]], sku: SKU
) -> None:
    rows[1][6] = 15
    sell(sku, 3)
    preview = looked_at(desk, rows)
    sell(sku, 2)
    assert desk.post(preview).status_code == 302
    sku.refresh_from_db()
    assert (sku.stock, sku.sales) == (10, 5)


def test_confirmed_twice_it_is_applied_once(desk: Client, rows: list[list[Any]], sku: SKU) -> None:
    rows[1][6] = 15
    preview = looked_at(desk, rows)
    assert desk.post(preview)["Location"] == "/admin/goods/sku/"
    with unchanged():
        assert desk.post(preview)["Location"] == PAGE
    assert "已经应用过" in desk.get(preview).content.decode()
    assert SKU.objects.get().stock == 15


def test_uploaded_again_it_is_refused(desk: Client, rows: list[list[Any]], sku: SKU) -> None:
    rows[1][6] = 15
    file = workbook(rows).read()
    preview = desk.post(PAGE, {"file": SimpleUploadedFile("a.xlsx", file)})["Location"]
    desk.post(preview)
    with unchanged():
        answer = desk.post(PAGE, {"file": SimpleUploadedFile("b.xlsx", file)})
    assert "应用过" in str(answer.context["form"].errors)
    rows[1][2] = 51
    assert why_not(desk, rows) == [(2, "库存", "导出之后有过入库或盘点，现有 15 件。")]


def test_a_price_that_somebody_else_changed_is_not_overwritten(
    desk: Client, rows: list[list[Any]], sku: SKU
) -> None:
    other = SKUFactory(price="8.00")
    rows[1][2] = 45
    rows.append([other.pk, None, 9, *[None] * 7])
    preview = looked_at(desk, rows)
    SKU.objects.filter(pk=sku.pk).update(price="48.00")
    assert outdated(desk, preview) == [(2, "售价原为 50.00，现在是 48.00。")]
    SKU.objects.filter(pk=sku.pk).update(price="50.00")
    assert desk.post(preview).status_code == 302
    assert list(SKU.objects.order_by("pk").values_list("price", flat=True)) == [45, 9]


def test_stock_that_somebody_else_moved_is_looked_at_again(
    desk: Client, rows: list[list[Any]], sku: SKU, operator: User
) -> None:
    rows[1][6] = 12
    preview = looked_at(desk, rows)
    services.receive_stock(sku.pk, 7, author=operator)
    assert outdated(desk, preview) == [(2, "这期间有过入库或盘点，现有 17 件。")]


def test_what_was_sold_meanwhile_cannot_be_taken_away(
    desk: Client, rows: list[list[Any]], sku: SKU
) -> None:
    rows[1][6] = 4
    preview = looked_at(desk, rows)
    sell(sku, 8)
    assert outdated(desk, preview) == [(2, "现有 2 件，无法变动 -6 件。")]


NONE = [None] * 9


@pytest.mark.parametrize(
    ("place", "value", "column", "said"),
    [
        (0, 987654, "SKU编号", "没有这个 SKU。"),
        (0, 10**15 - 1, "SKU编号", "没有这个 SKU。"),
        (0, -1, "SKU编号", "没有这个 SKU。"),
        (0, None, "SKU编号", "这个单元格是空的。"),
        (1, "电脑", "名称", "SKU %d 的名称是“手机”：行是否错位了？"),
        (2, 0, "售价", "应在 0.01 到 99999999.99 之间。"),
        (2, 100000000, "售价", "应在 0.01 到 99999999.99 之间。"),
        (2, "=1+1", "售价", "这个单元格里是公式：请复制后“粘贴为数值”，再保存。"),
        (3, -1, "市场价", "应在 0 到 99999999.99 之间。"),
        (6, -1, "库存", "应在 0 到 1000000000 之间。"),
        (6, 1000000001, "库存", "应在 0 到 1000000000 之间。"),
        (7, -11, "库存", "现有 10 件，无法变动 -11 件。"),
        (7, 1000000001, "入库数量", "应在 0 到 1000000000 之间。"),
    ],
)
def test_rows_that_cannot_be(
    place: int, value: Any, column: str, said: str, desk: Client, rows: list[list[Any]], sku: SKU
) -> None:
    other = SKUFactory()
    rows[1][place] = value
    rows.append([other.pk, None, 9, *[None] * 7])
    message = said % sku.pk if "%d" in said else said
    assert why_not(desk, rows) == [(2, column, message)]
    assert not StockSheet.objects.exists()


def test_stock_is_never_overwritten_blindly(desk: Client, sku: SKU) -> None:
    said = "库存按差额更改：请保留导出的各列，或者改用“入库数量”一列。"
    assert why_not(desk, [["SKU", "库存"], [sku.pk, 15]]) == [(2, "库存", said)]
    assert why_not(desk, [["SKU", "库存", "导出时库存"], [sku.pk, 15, 10]]) == [(2, "库存", said)]
    both = [["SKU", "库存", "导出时库存", "变动号(勿改)", "入库"], [sku.pk, 15, 10, 0, 5]]
    assert why_not(desk, both) == [(2, "入库数量", "库存和入库数量只能填一个。")]


def test_a_sku_twice_is_told(desk: Client, sku: SKU) -> None:
    rows = [["SKU", "入库"], [sku.pk, 1], [sku.pk, 2]]
    assert why_not(desk, rows) == [(3, "SKU编号", "与第 2 行重复。")]


def test_files_that_cannot_be_used(desk: Client, rows: list[list[Any]]) -> None:
    nothing = upload(desk, rows)
    assert "没有任何更改" in str(nothing.context["form"].errors)
    for content, said in [(b"", "文件是空的"), (b"PK\x03\x04", "损坏"), (b"a,b\n1,2", "SKU编号")]:
        with unchanged():
            answer = desk.post(PAGE, {"file": SimpleUploadedFile("a.xlsx", content)})
        assert said in str(answer.context["form"].errors)
    many = "SKU,入库\n" + "1,1\n" * 5001
    answer = desk.post(PAGE, {"file": SimpleUploadedFile("a.csv", many.encode())})
    assert "超过 5000 行" in str(answer.context["form"].errors)
    assert desk.post(PAGE).status_code == 200


class TestRights:
    @pytest.fixture
    def clerk(self, buyer: User) -> Iterator[Any]:
        buyer.is_staff = True
        buyer.save()
        client = Client()

        def able_to(*names: str) -> Client:
            buyer.user_permissions.set(Permission.objects.filter(codename__in=names))
            client.force_login(User.objects.get(pk=buyer.pk))
            return client

        return able_to

    def test_who_sees_no_costs_exports_and_changes_none(self, clerk: Any, sku: SKU) -> None:
        desk = clerk("view_sku", "change_sku")
        assert "进价" not in exported(desk)[0]
        rows = [["SKU", "进价", "售价", "入库"], [sku.pk, 1, 45, 5]]
        assert desk.post(looked_at(desk, rows)).status_code == 302
        sku.refresh_from_db()
        assert (sku.price, sku.cost_price, sku.stock) == (45, 30, 10)

    def test_who_moves_stock_changes_no_prices(self, clerk: Any, sku: SKU) -> None:
        desk = clerk("view_sku", "add_stockmovement")
        rows = [["SKU", "进价", "售价", "入库"], [sku.pk, 1, 45, 5]]
        assert desk.post(looked_at(desk, rows)).status_code == 302
        sku.refresh_from_db()
        assert (sku.price, sku.stock) == (50, 15)

    def test_rights_are_asked_again_when_it_is_applied(self, clerk: Any, sku: SKU) -> None:
        preview = looked_at(clerk("change_sku"), [["SKU", "售价"], [sku.pk, 45]])
        for right in ("add_stockmovement", "view_sku"):
            desk = clerk(right)
            with unchanged():
                assert desk.post(preview).status_code == 403

    def test_nobody_applies_another_s_preview(self, clerk: Any, desk: Client, sku: SKU) -> None:
        preview = looked_at(desk, [["SKU", "售价"], [sku.pk, 45]])
        other = clerk("change_sku")
        with unchanged():
            assert other.post(preview).status_code == 404

    def test_who_only_looks_uploads_nothing(self, clerk: Any) -> None:
        desk = clerk("view_sku")
        assert (desk.get(PAGE).status_code, desk.get(EXPORT).status_code) == (403, 200)
        assert clerk("add_sku").get(EXPORT).status_code == 403


def test_a_row_costs_no_statement(desk: Client, sku: SKU) -> None:
    skus = [sku, *(SKUFactory(goods=sku.goods) for _ in range(29))]

    def costs(count: int, price: int) -> int:
        rows = [["SKU", "售价", "入库"], *([it.pk, price, 1] for it in skus[:count])]
        with CaptureQueriesContext(connection) as captured:
            assert desk.post(looked_at(desk, rows)).status_code == 302
        return len(captured)

    costs(1, 2)
    assert costs(30, 4) == costs(3, 3)
