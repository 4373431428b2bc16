"""Who may take what out of the house."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.exports.models import Export
from apps.goods.models import SKU
from apps.orders.models import OrderInfo
from apps.users.models import User
from tests.exports.conftest import export, new_page, offered, progress, sheet, work
from tests.operators.conftest import group
from tests.operators.test_roles import ROLE_NAMES

pytestmark = pytest.mark.django_db

ORDERS, SKUS = "orders.OrderInfo", "goods.SKU"
LISTS = {"orders.OrderInfo": "/admin/orders/orderinfo/", "goods.SKU": "/admin/goods/sku/"}
MONEY = {"total_amount", "freight"}
PERSONAL = {"receiver", "mobile", "tel", "email", "place"}


@pytest.fixture(autouse=True)
def shop(stock_up: Callable[[int], None]) -> None:
    stock_up(3)
    Export.objects.all().delete()


class TestRoles:
    """客服 looks at buyers one by one, and takes nothing out; names and telephones only 管理员 does."""

    @pytest.mark.parametrize(
        ("role", "may"), list(zip(ROLE_NAMES, [False, True, True, False, True], strict=True))
    )
    def test_orders(self, role: str, may: bool, desk_of: Callable[[str], Client]) -> None:
        desk = desk_of(role)
        listed = desk.get(LISTS[ORDERS])
        if role != "catalogue":
            html = listed.content.decode()
            assert ("export_page" in listed.context) is may
            assert ("/exports/export/new/" in html, "export_ticked" in html) == (may, may)
        assert desk.get(new_page(ORDERS)).status_code == (200 if may else 403)
        refused = desk.post(new_page(ORDERS), {"columns": ["order_id"], "kind": "csv"})
        assert refused.status_code == (200 if may else 403)
        assert Export.objects.exists() is may

    def test_an_action_that_is_not_offered_does_nothing(
        self, desk_of: Callable[[str], Client]
    ) -> None:
        desk = desk_of("service")
        form = {"action": "export_ticked", "_selected_action": [OrderInfo.objects.first().pk]}
        assert "/exports/" not in desk.post(LISTS[ORDERS], form).get("Location", "")

    @pytest.mark.parametrize(
        ("role", "money", "personal"),
        [("warehouse", False, False), ("finance", True, False), ("manager", True, True)],
    )
    def test_columns_of_orders(
        self, role: str, money: bool, personal: bool, desk_of: Callable[[str], Client]
    ) -> None:
        names = set(offered(desk_of(role), ORDERS))
        assert names & MONEY == (MONEY if money else set())
        assert names & PERSONAL == (PERSONAL if personal else set())

    @pytest.mark.parametrize(
        ("role", "label", "column"),
        [
            ("warehouse", ORDERS, "total_amount"),
            ("warehouse", SKUS, "cost_price"),
            ("finance", ORDERS, "mobile"),
            ("finance", "invoices.Invoice", "phone"),
            ("manager", ORDERS, "cart_stamp"),
            ("manager", "users.User", "password"),
            ("manager", ORDERS, "user__password"),
        ],
    )
    def test_a_forged_column_is_no_choice(
        self, role: str, label: str, column: str, desk_of: Callable[[str], Client]
    ) -> None:
        desk = desk_of(role)
        answer = desk.post(new_page(label), {"columns": ["id", column], "kind": "csv"})
        assert "columns" in answer.context["form"].errors
        assert not Export.objects.exists()

    def test_no_filter_by_a_hidden_column(self, desk_of: Callable[[str], Client]) -> None:
        desk = desk_of("warehouse")
        answer = desk.get(f"{new_page(ORDERS)}?total_amount__gt=1")
        assert answer.status_code == 302
        assert not Export.objects.exists()


@pytest.mark.parametrize(
    "label",
    ["otp_totp.TOTPDevice", "auditlog.LogEntry", "exports.Export", "users.Address", "auth.Group",
     "notifications.WebhookEndpoint", "sessions.Session", "no.Such"],
)  # fmt: skip
def test_some_lists_nobody_exports(label: str, desk: Client) -> None:
    assert desk.get(new_page(label)).status_code == 403


class TestFiles:
    """A long export's file, after days in which an operator may have lost a right."""

    @pytest.fixture
    def finance(self, desk_of: Callable[[str], Client], short_is: Callable[[int], None]) -> Client:
        short_is(1)
        return desk_of("finance")

    @pytest.fixture
    def file(self, finance: Client) -> str:
        done = progress(export(finance, ORDERS, "order_id", "total_amount"))
        work()
        return f"/admin/exports/export/{done.pk}/download/"

    def test_its_operator_gets_it(self, file: str, finance: Client) -> None:
        answer = finance.get(file)
        assert len(sheet(answer)) == 1 + OrderInfo.objects.count()
        assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))

    @pytest.mark.parametrize("role", ["finance", "warehouse", "service", "catalogue"])
    def test_another_operator_does_not(
        self, role: str, file: str, desk_of: Callable[[str], Client]
    ) -> None:
        desk = desk_of(role)
        export_id = Export.objects.get().pk
        assert desk.get(file).status_code == 403
        for page in ["progress", "cancel"]:
            address = f"/admin/exports/export/{export_id}/{page}/"
            assert desk.post(address).status_code == 403
        mine = desk.get("/admin/exports/export/mine/")
        assert file not in mine.content.decode()

    def test_who_sees_all_exports_does(self, file: str, desk_of: Callable[[str], Client]) -> None:
        desk = desk_of("manager")
        assert len(sheet(desk.get(file))) > 1
        assert desk.get("/admin/exports/export/").context["cl"].result_count == 1

    @pytest.mark.parametrize("right", ["add_export", "view_orderinfo", "view_amounts"])
    def test_nobody_who_lost_a_right(self, right: str, file: str, finance: Client) -> None:
        group("finance").permissions.remove(Permission.objects.get(codename=right))
        assert finance.get(file).status_code == 403

    @pytest.mark.parametrize("lost", ["is_active", "is_staff"])
    def test_nobody_who_left(self, lost: str, file: str, finance: Client) -> None:
        User.objects.filter(pk=Export.objects.get().operator_id).update(**{lost: False})
        assert finance.get(file).status_code == 302
        assert "login" in finance.get(file)["Location"]

    def test_nobody_without_a_session(self, file: str) -> None:
        assert "login" in Client().get(file)["Location"]

    @pytest.mark.parametrize(
        "lose",
        [
            lambda user: group("finance").permissions.remove(
                Permission.objects.get(codename="view_amounts")
            ),
            lambda user: user.groups.clear(),
            lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        ],
        ids=["a column", "the list", "the job"],
    )
    def test_a_right_lost_before_a_worker_begins(
        self, lose: Callable[[Any], None], finance: Client
    ) -> None:
        ordered = progress(export(finance, ORDERS, "order_id", "total_amount"))
        lose(ordered.operator)
        work()
        ordered.refresh_from_db()
        assert (ordered.state, ordered.rows) == ("failed", 0)
        assert ordered.error == "您没有导出此内容的权限。"


def test_what_was_exported_nobody_changes(desk_of: Callable[[str], Client]) -> None:
    desk = desk_of("manager")
    sheet(export(desk, SKUS, "name"))
    written = Export.objects.get()
    page = f"/admin/exports/export/{written.pk}/"
    assert desk.post(f"{page}change/", {"rows": 1}).status_code == 403
    assert desk.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert written.rows == SKU.objects.count()
