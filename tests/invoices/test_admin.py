"""The back office: what waits is exported, and what the tax software issued is recorded."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from apps.invoices.models import Invoice, InvoiceTitle
from apps.notifications.models import Message, Template
from apps.users.models import User
from tests.factories import UserFactory
from tests.invoices.conftest import NUMBER, TAX_NUMBER, pdf
from tests.world import unchanged

pytestmark = pytest.mark.django_db

LIST = "/admin/invoices/invoice/"


def clerk(*rights: str) -> Client:
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


def page(invoice: Invoice, name: str) -> str:
    return reverse(f"admin:invoices_invoice_{name}", args=[invoice.pk])


def written(**changed: Any) -> dict[str, Any]:
    return {"number": NUMBER, "code": "", "amount": "100.00", "pdf": pdf()} | changed


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def rows(answer: Any) -> list[list[Any]]:
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_it_is_recorded_with_its_pdf(requested: Invoice, desk: Client, operator: User) -> None:
    form = desk.get(page(requested, "change")).content.decode()
    assert page(requested, "record") in form
    asked = desk.get(page(requested, "record"))
    assert asked.context["form"]["amount"].value() == Decimal("100.00")
    answer = desk.post(page(requested, "record"), written(), follow=True)
    assert said(answer) == [f"已开具，号码 {NUMBER}，金额 100.00 元。"]
    requested.refresh_from_db()
    assert (requested.state, requested.number, requested.issued_by) == ("issued", NUMBER, operator)
    download = desk.get(page(requested, "pdf"))
    assert b"".join(download.streaming_content).startswith(b"%PDF-")
    assert download["Content-Disposition"].startswith("attachment")
    assert page(requested, "pdf") in answer.content.decode()
    assert page(requested, "record") not in answer.content.decode()
    log = LogEntry.objects.get()
    assert (log.user, log.object_id) == (operator, str(requested.pk))
    assert log.get_change_message() == f"已开具，号码 {NUMBER}。"


def test_who_looked_before_a_refund_is_shown_the_new_amount(
    requested: Invoice, desk: Client, give_back: Callable
) -> None:
    give_back("30.00")
    with unchanged():
        answer = desk.post(page(requested, "record"), written())
    assert answer.context["form"].errors["amount"] == ["此发票的金额现为 70.00 元。"]
    assert "<td>70.00</td>" in answer.content.decode()
    desk.post(page(requested, "record"), written(amount="70.00"))
    requested.refresh_from_db()
    assert (requested.state, requested.amount) == ("issued", Decimal("70.00"))


def test_who_comes_second_sees_who_was_first(
    requested: Invoice, desk: Client, issue: Callable
) -> None:
    issue(requested)
    with unchanged():
        answer = desk.post(page(requested, "record"), written(number="1" * 20), follow=True)
    assert said(answer) == [f"operator 已登记此发票，号码 {NUMBER}。"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "1234567"}, "number"),
        ({"number": "1" * 21}, "number"),
        ({"number": "12345678a"}, "number"),
        ({"number": "１２３４５６７８"}, "number"),
        ({"number": "12345678\n"}, None),  # a browser's line feed is taken off
        ({"code": "12"}, "code"),
        ({"amount": ""}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "1e30"}, "amount"),
        ({"amount": "99.999"}, "amount"),
        ({"pdf": pdf(b"<script>alert(1)</script>")}, "pdf"),
        ({"pdf": pdf(b"")}, "pdf"),
        ({"pdf": pdf(b"%PDF-1.4" + b"0" * 6_000_000 + b"%%EOF")}, "pdf"),
        ({"pdf": ""}, None),
    ],
)
def test_bad_input(
    changed: dict[str, Any], field: str | None, requested: Invoice, desk: Client
) -> None:
    answer = desk.post(page(requested, "record"), written(**changed))
    if field is None:
        assert answer.status_code == 302
    else:
        assert list(answer.context["form"].errors) == [field]
        assert Invoice.objects.get().state == "requested"


def test_a_number_that_is_taken(
    requested: Invoice, desk: Client, issue: Callable, give_back: Callable
) -> None:
    issue(requested)
    give_back("30.00")
    call_command("request_red_letters")
    letter = Invoice.objects.requested().get()
    with unchanged():
        answer = desk.post(page(letter, "record"), written(amount="30.00"))
    assert list(answer.context["form"].errors) == ["number"]


def test_the_pdf_comes_later(requested: Invoice, desk: Client, issue: Callable) -> None:
    assert page(requested, "attach") not in desk.get(page(requested, "change")).content.decode()
    issue(requested)
    assert desk.get(page(requested, "pdf")).status_code == 404
    assert page(requested, "attach") in desk.get(page(requested, "change")).content.decode()
    bad = desk.post(page(requested, "attach"), {"pdf": pdf(b"GIF89a")})
    assert list(bad.context["form"].errors) == ["pdf"]
    desk.post(page(requested, "attach"), {"pdf": pdf()})
    requested.refresh_from_db()
    assert requested.pdf.open().read() == b"%PDF-1.7\n...\n%%EOF\n"


def test_what_waits_is_exported(
    requested: Invoice, desk: Client, give_back: Callable, operator: User
) -> None:
    """Over what is left now, whatever the list says; no cell is a formula."""
    InvoiceTitle.objects.update(name="=HYPERLINK(1)")
    Invoice.objects.update(name="=HYPERLINK(1)", email="a@example.com")
    give_back("30.00")
    answer = desk.post(LIST, {"action": "export", "_selected_action": [requested.pk]})
    header, row = rows(answer)
    shown = dict(zip(header, row, strict=True))
    names = [line.name for line in requested.order.skus.all()]
    assert shown.pop("申请时间")
    assert shown == {
        "申请编号": requested.pk,
        "订单号": requested.order_id,
        "蓝字/红字": "蓝字",
        "原蓝字发票号码": None,
        "个人/企业": "企业",
        "抬头": "'=HYPERLINK(1)",
        "税号": TAX_NUMBER,
        "金额": 70,
        "商品": "\n".join(f"{name} × 1，单价 50.00，小计 50.00" for name in names),
        "运费": 0,
        "电子邮箱": "a@example.com",
        "开户银行": None,
        "银行账号": None,
        "注册地址": None,
        "注册电话": None,
        "发票号码": None,
        "发票代码": None,
    }
    log = LogEntry.objects.get()
    assert (log.user, log.get_change_message()) == (operator, "已导出供开票：1 张")


def test_all_that_wait_are_exported_together(
    requested: Invoice, desk: Client, issue: Callable, give_back: Callable
) -> None:
    issue(requested)
    give_back("30.00")
    give_back("1.00")
    call_command("request_red_letters")
    assert f"{LIST}export/" in desk.get(LIST).content.decode()
    _header, *found = rows(desk.post(f"{LIST}export/"))
    assert [row[7] for row in found] == [30, 1]


def test_a_link_from_elsewhere_exports_nothing(requested: Invoice, operator: User) -> None:
    """What is exported is written down: it takes a page of ours, and a click."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(operator)
    assert browser.get(f"{LIST}export/").status_code == 405
    assert browser.post(f"{LIST}export/").status_code == 403
    assert not LogEntry.objects.exists()
    html = browser.get(LIST).content.decode()
    assert f'<form method="post" action="{LIST}export/">' in html
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    assert browser.post(f"{LIST}export/", token).status_code == 200
    assert LogEntry.objects.get().user == operator


def test_red_letters_are_exported_with_what_they_take_back(
    requested: Invoice, desk: Client, issue: Callable, give_back: Callable
) -> None:
    issue(requested)
    give_back("30.00")
    call_command("request_red_letters")
    everything = list(Invoice.objects.values_list("pk", flat=True))
    header, row = rows(desk.post(LIST, {"action": "export", "_selected_action": everything}))
    shown = dict(zip(header, row, strict=True))
    assert (shown["蓝字/红字"], shown["原蓝字发票号码"], shown["金额"]) == ("红字", NUMBER, 30)


def test_nothing_that_waits_is_no_file(requested: Invoice, desk: Client, issue: Callable) -> None:
    issue(requested)
    export = {"action": "export", "_selected_action": [requested.pk]}
    assert said(desk.post(LIST, export, follow=True)) == ["所选发票均不在待开状态。"]
    assert said(desk.post(f"{LIST}export/", follow=True)) == ["所选发票均不在待开状态。"]


def test_the_order_shows_its_invoices(requested: Invoice, desk: Client, issue: Callable) -> None:
    issue(requested)
    order = f"/admin/orders/orderinfo/{requested.order_id}/change/"
    assert NUMBER in desk.get(order).content.decode()
    assert NUMBER not in clerk("view_orderinfo").get(order).content.decode()


class TestRights:
    def test_who_may_look_changes_nothing(self, requested: Invoice, issue: Callable) -> None:
        client = clerk("view_invoice")
        assert client.get(LIST).status_code == 200
        with unchanged():
            for name in ("record", "attach"):
                assert client.get(page(requested, name)).status_code == 403
                assert client.post(page(requested, name), written()).status_code == 403
            client.post(LIST, {"action": "export", "_selected_action": [requested.pk]})
            assert client.post(f"{LIST}export/").status_code == 403
            assert client.get(f"{LIST}sheet/").status_code == 403
        assert (
            page(requested, "record") not in client.get(page(requested, "change")).content.decode()
        )

    def test_who_may_not_see_amounts_sees_none(
        self, requested: Invoice, give_back: Callable
    ) -> None:
        give_back("30.00")
        call_command("request_red_letters")
        for right, times in (("view_orderinfo", 0), ("view_amounts", 3)):
            html = clerk("view_invoice", right).get(page(requested, "change")).content.decode()
            assert html.count("70.00") == times  # the amount, what is due, and the step

    def test_who_may_not_even_look_gets_no_pdf(self, requested: Invoice, issue: Callable) -> None:
        issue(requested, pdf=pdf())
        assert clerk().get(page(requested, "pdf")).status_code == 403
        assert Client().get(page(requested, "pdf")).status_code == 302
        assert clerk("view_invoice").get(page(requested, "pdf")).status_code == 403
        looks = clerk("view_invoice", "view_amounts")
        assert looks.get(page(requested, "pdf")).status_code == 200

    def test_nobody_writes_rows_by_hand(self, requested: Invoice, desk: Client) -> None:
        with unchanged():
            answer = desk.post(page(requested, "change"), {"amount": "1.00"})
            assert answer.status_code == 403
            assert desk.get(f"{LIST}add/").status_code == 403
            assert desk.post(page(requested, "delete"), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("number", ["0", "99999999999999999999999", "x"])
def test_hostile_ids(number: str, desk: Client) -> None:
    for name in ("record", "attach", "pdf"):
        assert desk.get(f"{LIST}{number}/{name}/").status_code in {302, 404}


class TestTheBuyerIsTold:
    def receivers(self) -> list[tuple[str, str]]:
        return list(Message.objects.values_list("receiver", "subject"))

    @pytest.mark.parametrize("is_verified", [True, False])
    def test_at_a_verified_address(
        self, is_verified: bool, requested: Invoice, issue: Callable, buyer: User
    ) -> None:
        Template.objects.filter(event="invoice_issued", channel="email").update(is_active=True)
        Invoice.objects.update(email="victim@example.com")
        User.objects.filter(pk=buyer.pk).update(email="w@example.com", email_active=is_verified)
        issue(requested)
        told = [("w@example.com", requested.order_id)] if is_verified else []
        assert self.receivers() == told

    def test_not_of_a_refused_one(self, requested: Invoice, desk: Client) -> None:
        Template.objects.filter(event="invoice_issued").update(is_active=True)
        desk.post(page(requested, "record"), written(amount="1.00"))
        assert self.receivers() == []
