"""Numbers of many invoices from one spreadsheet: looked at first, recorded row by row."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from apps.invoices import services
from apps.invoices.models import Invoice, InvoiceTitle
from apps.users.models import User
from tests.invoices.conftest import NUMBER, paid_order
from tests.world import unchanged

pytestmark = pytest.mark.django_db

PAGE = "/admin/invoices/invoice/sheet/"
HEADER = ["申请编号", "订单号", "金额", "发票号码", "发票代码"]


def sheet(*rows: Sequence[Any], header: Sequence[str] = HEADER) -> SimpleUploadedFile:
    book = Workbook()
    book.active.append(list(header))
    for row in rows:
        book.active.append(list(row))
    return saved(book)


def saved(book: Any) -> SimpleUploadedFile:
    file = BytesIO()
    book.save(file)
    return SimpleUploadedFile("numbers.xlsx", file.getvalue())


def row_of(invoice: Invoice, number: str = NUMBER, **changed: Any) -> list[Any]:
    cells = {
        "id": invoice.pk,
        "order": invoice.order_id,
        "amount": invoice.amount,
        "number": number,
        "code": "",
    }
    return list((cells | changed).values())


def look(desk: Client, file: Any) -> Any:
    answer = desk.post(PAGE, {"file": file})
    assert answer.status_code == 200
    return answer


def refusals(answer: Any) -> list[str]:
    return [entry.refusal for entry in answer.context["entries"]]


def confirm(desk: Client, answer: Any) -> Any:
    return desk.post(PAGE, {"plan": answer.context["plan"]}, follow=True)


@pytest.fixture
def requests(requested: Invoice, title: InvoiceTitle, buyer: User, operator: User) -> list[Invoice]:
    orders = [paid_order(buyer, operator) for _ in range(2)]
    others = [services.request_invoice(order, title=title, by=buyer)[0] for order in orders]
    return [requested, *others]


def numbers() -> list[str | None]:
    return list(Invoice.objects.order_by("pk").values_list("number", flat=True))


def test_what_was_exported_comes_back_filled_in(requests: list[Invoice], desk: Client) -> None:
    exported = desk.post("/admin/invoices/invoice/export/")
    book = load_workbook(BytesIO(b"".join(exported.streaming_content)))  # type: ignore[attr-defined]
    place = [cell.value for cell in book.active[1]].index("发票号码") + 1
    for row, number in ((2, "1" * 20), (4, "3" * 20)):  # the one between waits on
        book.active.cell(row, place).value = number
    with unchanged():
        shown = look(desk, saved(book))
    assert refusals(shown) == ["", ""]
    assert "登记 2 张发票" in shown.content.decode()
    done = confirm(desk, shown)
    assert [str(message) for message in done.context["messages"]] == ["已登记 2 张发票。"]
    assert numbers() == ["1" * 20, None, "3" * 20]


def test_confirmed_twice_it_is_done_once(requests: list[Invoice], desk: Client) -> None:
    shown = look(desk, sheet(row_of(requests[0])))
    confirm(desk, shown)
    again = confirm(desk, shown)
    assert [str(message) for message in again.context["messages"]] == ["已登记 1 张发票。"]
    assert requests[0].events.filter(kind="issued").count() == 1


def test_what_changes_after_the_look_is_refused_row_by_row(
    requests: list[Invoice], desk: Client, issue: Callable, give_back: Callable
) -> None:
    shown = look(desk, sheet(*[row_of(each, f"{each.pk:020d}") for each in requests]))
    give_back("30.00")  # of the first order
    issue(requests[1], number="2" * 20)
    done = confirm(desk, shown)
    assert refusals(done) == [
        "此发票的金额现为 70.00 元。",
        f"operator 已登记此发票，号码 {'2' * 20}。",
    ]
    assert numbers() == [None, "2" * 20, f"{requests[2].pk:020d}"]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"id": 10**14}, "该订单没有此申请编号。"),
        ({"id": "x"}, "申请编号: “x”不是数字。"),
        ({"order": "0" * 24}, "该订单没有此申请编号。"),
        ({"order": "0" * 24, "id": ""}, "该订单没有待开发票。"),
        ({"order": ""}, "订单号: 这个单元格是空的。"),
        ({"amount": "99.99"}, "此发票的金额现为 100.00 元。"),
        ({"amount": ""}, "金额: 这个单元格是空的。"),
        ({"amount": "-100"}, "此发票的金额现为 100.00 元。"),
        ({"number": "123"}, "发票号码为 8 至 20 位数字。"),
        ({"number": 25312000000012345678}, None),
        ({"number": "=1+1"}, None),
        ({"code": "12"}, "发票代码为 10 至 12 位数字。"),
    ],
    ids=str,
)
def test_bad_rows(
    changed: dict[str, Any], refusal: str | None, requested: Invoice, desk: Client
) -> None:
    """Where no sentence is given, it is one about what Excel has done."""
    with unchanged():
        shown = look(desk, sheet(row_of(requested, **changed)))
    (said,) = refusals(shown)
    assert said
    assert refusal in {said, None}
    assert "plan" not in re.findall('name="([a-z]+)"', shown.content.decode())


def test_rows_that_contradict_each_other(requests: list[Invoice], desk: Client) -> None:
    rows = [
        row_of(requests[0], "1" * 20),
        row_of(requests[1], "1" * 20),
        row_of(requests[2], "2" * 20),
        row_of(requests[2], "3" * 20),
    ]
    assert refusals(look(desk, sheet(*rows))) == ["另一行有相同的申请或发票号码。"] * 4


def test_a_number_that_is_taken(requests: list[Invoice], desk: Client, issue: Callable) -> None:
    issue(requests[0])
    assert refusals(look(desk, sheet(row_of(requests[1])))) == ["此号码已属于另一张发票。"]


def test_without_the_request_number_an_order_tells_it_if_only_one_waits(
    requested: Invoice, desk: Client, issue: Callable, give_back: Callable
) -> None:
    row = row_of(requested)[1:]
    assert refusals(look(desk, sheet(row, header=HEADER[1:]))) == [""]
    issue(requested)
    for _ in range(2):
        give_back("30.00")
    call_command("request_red_letters")
    row = [requested.order_id, Decimal("30.00"), "1" * 20, ""]
    said = "该订单有多张待开发票，请填写申请编号。"
    assert refusals(look(desk, sheet(row, header=HEADER[1:]))) == [said]


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("a.xlsx", b"PK\x03\x04 nothing"),
        SimpleUploadedFile("a.csv", b"a,b\n1,2\n"),
        SimpleUploadedFile("a.xlsx", b"%PDF-1.7"),
        SimpleUploadedFile("a.xlsx", b""),
        "",
    ],
    ids=["torn", "other titles", "pdf", "empty", "none"],
)
def test_what_is_no_sheet(file: Any, requested: Invoice, desk: Client) -> None:
    answer = desk.post(PAGE, {"file": file})
    assert list(answer.context["form"].errors) == ["file"]


def test_too_many_rows(requested: Invoice, desk: Client) -> None:
    answer = desk.post(PAGE, {"file": sheet(*[row_of(requested)] * 501)})
    assert list(answer.context["form"].errors) == ["file"]


def test_a_plan_that_was_not_looked_at(requested: Invoice, desk: Client, stranger: User) -> None:
    shown = look(desk, sheet(row_of(requested)))
    stranger.is_staff = stranger.is_superuser = True
    stranger.save()
    other = Client()
    other.force_login(stranger)
    for client, plan in ((other, shown.context["plan"]), (desk, "x"), (desk, "")):
        answer = client.post(PAGE, {"plan": plan}, follow=True)
        assert [str(each) for each in answer.context["messages"]] == [
            "预览已过期，请重新上传文件。"
        ]
    assert numbers() == [None]


def test_looking_costs_the_same_for_many_rows(requests: list[Invoice], desk: Client) -> None:
    def costs(rows: list[Any]) -> int:
        with CaptureQueriesContext(connection) as captured:
            look(desk, sheet(*rows))
        return len(captured)

    costs([row_of(requests[0])])  # what is kept for the process or the session is there after this
    one = costs([row_of(requests[0])])
    assert costs([row_of(each, f"{each.pk:020d}") for each in requests]) == one
