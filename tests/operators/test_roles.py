"""What each role may open and do in the back office, as one table."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse

from apps.operators.models import Role
from apps.operators.services import ROLES, give_roles
from apps.orders.models import OrderInfo
from tests.admin.conftest import stock_up as stock_up
from tests.admin.forms import cells
from tests.operators.conftest import group

pytestmark = pytest.mark.django_db

ROLE_NAMES = ["service", "warehouse", "finance", "catalogue", "manager"]
# Beside each page what a role may do there, in that order: look (v), change (c), add (a), nothing (-).
# What is looked at only, everybody looks at only.
TABLE = {
    #                            客服   仓库   财务   商品   管理员
    "orders.OrderInfo":         "v     v     v     -     v",
    "orders.Shipment":          "v     c     -     -     c",
    "orders.Carrier":           "-     c     -     -     ca",
    "orders.Review":            "c     -     -     v     c",
    "after_sales.AfterSale":    "v     v     v     -     v",
    "invoices.Invoice":         "v     -     v     -     v",
    "invoices.InvoiceTitle":    "-     -     v     -     v",
    "goods.SKU":                "v     v     v     ca    ca",
    "goods.Goods":              "v     v     v     ca    ca",
    "goods.Brand":              "-     -     -     ca    ca",
    "goods.Category":           "-     -     -     ca    ca",
    "goods.Channel":            "-     -     -     ca    ca",
    "goods.GoodsSpecification": "-     -     -     ca    ca",
    "goods.SpecificationOption": "-    -     -     ca    ca",
    "goods.StockMovement":      "-     va    -     va    va",
    "contents.Content":         "-     -     -     ca    ca",
    "contents.ContentCategory": "-     -     -     ca    ca",
    "payment.Payment":          "v     -     v     -     v",
    "payment.Refund":           "v     -     v     -     v",
    "payment.PaymentEvent":     "-     -     v     -     v",
    "payment.CashOrder":        "-     -     v     -     v",
    "payment.Statement":        "-     -     v     -     v",
    "payment.StatementLine":    "-     -     v     -     v",
    "payment.AuditRun":         "-     -     v     -     v",
    "payment.Difference":       "-     -     c     -     c",
    "notifications.Message":    "v     -     -     -     v",
    "notifications.Template":   "-     -     -     -     ca",
    "notifications.WebhookEndpoint": "- -    -     -     ca",
    "reports.DayFigures":       "-     -     v     -     v",
    "users.User":               "v     -     v     -     ca",
    "users.Address":            "v     -     -     -     ca",
    "users.Favourite":          "-     -     -     -     v",
    "users.OAuthAccount":       "-     -     -     -     v",
    "exports.Export":           "-     -     -     -     v",
    "areas.Area":               "-     -     -     -     ca",
    "auth.Group":               "-     -     -     -     v",
    "auditlog.LogEntry":        "-     -     -     -     v",
    "operators.LoginEvent":     "-     -     -     -     v",
    "otp_totp.TOTPDevice":      "-     -     -     -     -",
}  # fmt: skip

# What is no list and no form, by the name of its address: who is let in (y).
PAGES = {
    #                                      客服   仓库   财务   商品   管理员
    "after_sales_aftersale_approve":      "y     -     -     -     y",
    "after_sales_aftersale_picture":      "y     y     y     -     y",
    "after_sales_aftersale_reject":       "y     -     -     -     y",
    "after_sales_aftersale_receive":      "-     y     -     -     y",
    "after_sales_aftersale_refund":       "-     -     y     -     y",
    "after_sales_aftersale_settle":       "-     -     y     -     y",
    "after_sales_aftersale_cash":         "-     -     y     -     y",
    "contents_content_preview":           "-     -     -     y     y",
    "exports_export_cancel":             "-     -     -     -     y",  # another's
    "exports_export_download":           "-     -     -     -     y",  # another's
    "exports_export_mine":                "-     y     y     y     y",
    "exports_export_new":                "-     -     -     -     -",  # of a list that is not there
    "exports_export_progress":           "-     -     -     -     y",  # another's
    "goods_sku_low":                      "y     y     y     y     y",
    "goods_sku_sheet":                    "-     y     -     y     y",
    "goods_sku_sheet_export":             "y     y     y     y     y",
    "goods_sku_sheet_preview":            "-     y     -     y     y",
    "goods_stockmovement_correct":        "-     y     -     y     y",
    "goods_stockmovement_write_off":      "-     y     -     y     y",
    "invoices_invoice_attach":            "-     -     y     -     y",
    "invoices_invoice_export":            "-     -     y     -     y",
    "invoices_invoice_pdf":               "y     -     y     -     y",
    "invoices_invoice_record":            "-     -     y     -     y",
    "invoices_invoice_sheet":             "-     -     y     -     y",
    "notifications_webhookendpoint_resend": "-   -     -     -     y",
    "notifications_webhookendpoint_secret": "-   -     -     -     y",
    "notifications_webhookendpoint_test": "-     -     -     -     y",
    "orders_orderinfo_bulk":              "-     y     -     -     y",
    "orders_orderinfo_cancel":            "y     y     -     -     y",
    "orders_orderinfo_note":              "y     y     y     -     y",
    "orders_orderinfo_pick":              "y     y     y     -     y",
    "orders_orderinfo_ship":              "-     y     -     -     y",
    "orders_orderinfo_waiting":           "-     y     -     -     y",
    "orders_shipment_ask":                "-     y     -     -     y",
    "payment_payment_refund":             "-     -     y     -     y",
    "payment_refund_replace":             "-     -     y     -     y",
    "auth_user_password_change":          "-     -     -     -     -",
}  # fmt: skip


def of_the_site() -> tuple[set[str], dict[str, type[Model]]]:
    """The labels of all pages, and the names of their addresses beside lists and forms, each with its model."""
    usual = ("changelist", "add", "change", "delete", "history")
    others = {}
    for model, page in site._registry.items():
        prefix = f"{model._meta.app_label}_{model._meta.model_name}"
        names = {pattern.name for pattern in page.get_urls() if getattr(pattern, "name", None)}
        others |= dict.fromkeys(names - {f"{prefix}_{each}" for each in usual}, model)
    return {model._meta.label for model in site._registry}, others


def test_no_page_is_missing_from_the_tables() -> None:
    """A new one gets its row, and with it the roles that may see it."""
    lists, others = of_the_site()
    assert lists == TABLE.keys()
    assert others.keys() == PAGES.keys()


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_every_other_page(
    role: str, desk_of: Callable[[str], Client], stock_up: Callable[[int], None]
) -> None:
    """With what such a page does at the right moment its own tests deal: here it is whether one is turned away."""
    stock_up(1)
    desk = desk_of(role)
    shown = {
        name: "-" if is_shut(desk, name, model) else "y" for name, model in of_the_site()[1].items()
    }
    column = ROLE_NAMES.index(role)
    planned = {name: line.split()[column] for name, line in PAGES.items()}
    assert {
        name: (shown[name], planned[name]) for name in PAGES if shown[name] != planned[name]
    } == {}


def is_shut(desk: Client, name: str, model: type[Model]) -> bool:
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    address = address_of(name, row.pk)
    answer = desk.get(address)
    if answer.status_code == 405:
        answer = desk.post(address)
    return answer.status_code == 403


def address_of(name: str, pk: Any) -> str:
    """Of a page of the model, of a row, or of a part of a row: who may not ask is turned away first."""
    for arguments in ([], [pk], [pk, 1], [pk, 1, 0]):
        with suppress(NoReverseMatch):
            return reverse(f"admin:{name}", args=arguments)
    raise LookupError(name)


def opened(desk: Client, label: str) -> str:
    """What of a page opens for this operator."""
    model = apps.get_model(label)
    pages = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    rows = model._default_manager.order_by("pk")
    # Staff are looked after by superusers only.
    row = (rows.filter(is_staff=False) if label == "users.User" else rows).first()
    change = reverse(f"{pages}_change", args=[row.pk])
    looked = {desk.get(reverse(f"{pages}_changelist")).status_code, desk.get(change).status_code}
    if looked == {403}:
        assert desk.get(reverse(f"{pages}_add")).status_code == 403
        return "-"
    assert looked == {200}
    answer = desk.get(change)
    letters = "c" if answer.context["has_change_permission"] else "v"
    return letters + ("a" if desk.get(reverse(f"{pages}_add")).status_code == 200 else "")


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_every_list_and_form(
    role: str, desk_of: Callable[[str], Client], stock_up: Callable[[int], None]
) -> None:
    stock_up(1)
    desk = desk_of(role)
    column = ROLE_NAMES.index(role)
    shown = {label: opened(desk, label) for label in TABLE}
    assert shown == {label: line.split()[column] for label, line in TABLE.items()}


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_the_menu_leads_nowhere_that_is_shut(
    role: str, desk_of: Callable[[str], Client], stock_up: Callable[[int], None]
) -> None:
    desk = desk_of(role)
    navigation = desk.get("/admin/").context["sidebar_navigation"]
    items = [item for each in navigation for item in each["items"] if item["has_permission"]]
    assert len(items) > 1
    assert {desk.get(str(item["link_callback"])).status_code for item in items} == {200}


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_every_list_that_a_role_may_see_is_in_its_menu(
    role: str, desk_of: Callable[[str], Client]
) -> None:
    desk = desk_of(role)
    navigation = desk.get("/admin/").context["sidebar_navigation"]
    items = [item for each in navigation for item in each["items"] if item["has_permission"]]
    shown = {str(item["link_callback"]) for item in items}
    column = ROLE_NAMES.index(role)
    seen = [label for label, line in TABLE.items() if line.split()[column] != "-"]
    lists = {
        label: reverse(f"admin:{label.lower().replace('.', '_')}_changelist") for label in seen
    }
    assert [label for label, address in lists.items() if address not in shown] == []


class TestWhatIsHidden:
    """Money and cost prices, from whoever may not see them."""

    @pytest.fixture(autouse=True)
    def shop(self, stock_up: Callable[[int], None]) -> None:
        stock_up(2)

    @pytest.mark.parametrize(
        ("role", "sees"),
        list(zip(ROLE_NAMES, [True, False, True, None, True], strict=True)),
    )
    def test_amounts_of_orders(
        self, role: str, sees: bool | None, desk_of: Callable[[str], Client]
    ) -> None:
        desk = desk_of(role)
        listed = desk.get("/admin/orders/orderinfo/")
        if sees is None:
            assert listed.status_code == 403
            return
        html = desk.get(page_of(OrderInfo.objects.get(pk="0" * 24))).content.decode()
        assert bool(cells(listed, "total_amount")) is sees
        assert ("60.00" in html) is sees
        assert ("50.00" in html) is sees  # of the line
        assert ("总额" in html, "小计" in html) == (sees, sees)
        found = desk.get("/admin/orders/orderinfo/", {"total_amount__gt": "1"})
        assert found.status_code == (200 if sees else 400)
        assert ('name="total_amount_from"' in listed.content.decode()) is sees

    @pytest.mark.parametrize(
        ("role", "sees"), list(zip(ROLE_NAMES, [False, False, True, True, True], strict=True))
    )
    def test_cost_prices(self, role: str, sees: bool, desk_of: Callable[[str], Client]) -> None:
        desk = desk_of(role)
        sku = apps.get_model("goods.SKU").objects.first()
        html = desk.get(page_of(sku)).content.decode()
        assert ("进价" in html) is sees
        history = desk.get(page_of(sku).replace("change", "history"))
        assert history.status_code == 200

    def test_a_hidden_column_is_not_written_either(self, desk_of: Callable[[str], Client]) -> None:
        """Somebody may change SKUs, but does not see what they cost."""
        desk = desk_of("warehouse")
        group("warehouse").permissions.add(Permission.objects.get(codename="change_sku"))
        sku = apps.get_model("goods.SKU").objects.first()
        form = desk.get(page_of(sku)).context["adminform"].form
        assert "cost_price" not in form.fields
        assert "price" in form.fields


def page_of(row: Any) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


class TestGiving:
    def test_each_role_is_a_group(self) -> None:
        assert {role.key: role.group.name for role in Role.objects.select_related("group")} == {
            key: name for key, (name, _) in ROLES.items()
        }

    def test_every_permission_of_the_table_exists_where_its_model_does(self) -> None:
        for role in Role.objects.all():
            assert role.group.permissions.count() == len(role.given) > 0

    def test_nobody_is_made_superuser_by_it(self) -> None:
        names = {
            f"{p.content_type.app_label}.{p.codename}" for p in group("manager").permissions.all()
        }
        forbidden = {"add_group", "change_group", "delete_group", "change_permission"}
        assert not {f"auth.{each}" for each in forbidden} & names
        assert not [n for n in names if n.startswith("auditlog.") and n != "auditlog.view_logentry"]
        assert not [n for n in names if n.startswith("otp_totp.")]

    def test_again_changes_nothing(self, django_assert_max_num_queries: Callable) -> None:
        before = given()
        with django_assert_max_num_queries(10):
            give_roles()
        assert given() == before

    def test_what_a_superuser_changed_stays(self) -> None:
        service = group("service")
        taken = service.permissions.get(codename="view_orderinfo")
        added = Permission.objects.get(codename="delete_review")
        service.permissions.remove(taken)
        service.permissions.add(added)
        Group.objects.filter(pk=service.pk).update(name="客服一组")
        group("catalogue").delete()
        call_command("migrate", verbosity=0)
        names = set(group("service").permissions.values_list("codename", flat=True))
        assert "view_orderinfo" not in names
        assert "delete_review" in names
        assert group("service").name == "客服一组"
        assert not Group.objects.filter(name__in=["客服", "商品"]).exists()

    def test_a_model_that_comes_later_joins(self) -> None:
        role = Role.objects.get(key="service")
        role.given.remove("orders.view_review")
        role.save()
        role.group.permissions.remove(Permission.objects.get(codename="view_review"))
        give_roles()
        assert role.group.permissions.filter(codename="view_review").exists()


def given() -> list[Any]:
    groups = Group.objects.order_by("pk", "permissions__pk")
    return [*groups.values_list("pk", "permissions"), *Role.objects.order_by("pk").values_list()]
