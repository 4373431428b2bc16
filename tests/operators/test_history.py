"""Every change of a sensitive row that an operator makes is kept: who, when, before and after."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.contents.models import Content
from apps.goods.models import SKU
from apps.users.models import User
from tests.admin.forms import change_page, save
from tests.admin.test_sheets import looked_at
from tests.conftest import logged_in
from tests.factories import BrandFactory, ContentFactory, SKUFactory, UserFactory
from tests.operators.conftest import group

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(operator: User) -> Client:
    client = Client(REMOTE_ADDR="203.0.113.7")
    client.force_login(operator)
    return client


def changes() -> list[tuple[str, dict]]:
    return list(LogEntry.objects.order_by("pk").values_list("content_type__model", "changes"))


def history(row: object) -> str:
    return change_page(row).replace("/change/", "/history/")


def test_price_and_cost(desk: Client, operator: User) -> None:
    sku = SKUFactory(price=Decimal("10.00"), cost_price=Decimal("5.00"))
    save(desk, change_page(sku), price="12.00", cost_price="6.00")
    assert changes() == [
        ("sku", {"price": ["10.00", "12.00"], "cost_price": ["5.00", "6.00"]}),
    ]
    entry = LogEntry.objects.get()
    assert (entry.actor, entry.remote_addr, entry.object_pk) == (
        operator,
        "203.0.113.7",
        str(sku.pk),
    )
    html = desk.get(history(sku)).content.decode()
    for cell in ("operator", "售价", "10.00", "12.00", "进价", "5.00", "6.00"):
        assert f"<td>{cell}</td>" in html


def test_who_may_not_see_a_column_does_not_find_it_in_the_history(
    desk: Client, desk_of: Callable[[str], Client]
) -> None:
    sku = SKUFactory(cost_price=Decimal("5.17"))
    save(desk, change_page(sku), cost_price="6.18", price="77.00")
    right = Permission.objects.get(codename="view_logentry", content_type__app_label="auditlog")
    group("service").permissions.add(right)
    clerk = desk_of("service")
    for page in (history(sku), change_page(LogEntry.objects.get())):
        html = clerk.get(page).content.decode()
        assert "77.00" in html
        assert "5.17" not in html
        assert "6.18" not in html


def test_many_at_once(desk: Client, operator: User) -> None:
    on, off = SKUFactory(), SKUFactory(is_launched=False)
    chosen = {"_selected_action": [on.pk, off.pk]}
    desk.post("/admin/goods/sku/", {**chosen, "action": "withdraw"})
    assert changes() == [("sku", {"is_launched": ["True", "False"]})]
    desk.post("/admin/goods/sku/", {**chosen, "action": "launch"})
    assert len(changes()) == 3
    assert {entry.actor for entry in LogEntry.objects.all()} == {operator}
    content = ContentFactory(status=True)
    desk.post("/admin/contents/content/", {"action": "hide", "_selected_action": [content.pk]})
    assert Content.objects.get().status is False
    assert changes()[-1] == ("content", {"status": ["True", "False"]})


def test_rights(desk: Client) -> None:
    clerk = UserFactory(username="clerk")
    finance = group("finance")
    save(desk, change_page(clerk), is_staff="on", groups=[finance.pk])
    assert ("user", {"is_staff": ["False", "True"]}) in changes()
    added = {"type": "m2m", "operation": "add", "objects": ["财务"]}
    assert ("user", {"groups": added}) in changes()
    assert "<td>财务</td>" in desk.get(history(clerk)).content.decode()
    kept = finance.permissions.first()
    save(desk, change_page(finance), permissions=[kept.pk])
    taken = next(change for model, change in changes() if model == "group")
    assert taken["permissions"]["operation"] == "delete"


def test_no_password_is_kept(desk: Client) -> None:
    clerk = UserFactory(username="clerk")
    page = f"/admin/users/user/{clerk.pk}/password/"
    desk.post(page, {"password1": "another-horse-8", "password2": "another-horse-8"})
    clerk.refresh_from_db()
    assert clerk.check_password("another-horse-8")
    assert changes() == []


def test_new_and_deleted(desk: Client) -> None:
    save(desk, "/admin/goods/brand/add/", name="新牌", first_letter="X")
    brand = BrandFactory()
    desk.post(change_page(brand).replace("change", "delete"), {"post": "yes"})
    actions = list(LogEntry.objects.order_by("pk").values_list("action", "object_repr"))
    assert actions == [(LogEntry.Action.CREATE, "新牌"), (LogEntry.Action.DELETE, str(brand))]


def test_what_is_refused_leaves_no_trace(desk: Client, desk_of: Callable[[str], Client]) -> None:
    sku = SKUFactory()
    assert desk.post(change_page(sku), {"price": "-1"}).status_code == 200
    assert desk_of("warehouse").post(change_page(sku), {"price": "1"}).status_code == 403
    assert changes() == []


def test_buyers_and_their_requests_cost_nothing(api: APIClient, buyer: User) -> None:
    buyer.set_password("correct-horse-7")
    buyer.save()
    body = {"username": "buyer", "password": "correct-horse-7"}
    with CaptureQueriesContext(connection) as captured:
        assert api.post("/api/v1/authorizations/", body).status_code == 200
        assert logged_in(buyer).get("/api/v1/user/").status_code == 200
    assert not [sql for sql in captured if "auditlog" in sql["sql"] or "operators_" in sql["sql"]]
    assert SKU.objects.count() == len(changes()) == 0


def test_hostile_values_are_shown_as_text(desk: Client) -> None:
    brand = BrandFactory(name="a")
    save(desk, change_page(brand), name="<script>1</script>")
    for page in (history(brand), change_page(LogEntry.objects.get()), "/admin/auditlog/logentry/"):
        assert "<script>1<" not in desk.get(page).content.decode()


def test_it_is_looked_at_and_never_changed(desk: Client) -> None:
    save(desk, change_page(BrandFactory(name="a")), name="b")
    page = change_page(LogEntry.objects.get())
    assert desk.get(page).status_code == 200
    assert desk.post(page, {"changes": "{}"}).status_code == 403
    assert desk.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_a_spreadsheet_s_prices(desk: Client, operator: User) -> None:
    sku = SKUFactory(price=Decimal("50.00"), cost_price=Decimal("30.00"))
    desk.post(looked_at(desk, [["SKU编号", "售价", "进价"], [sku.pk, "45.50", "31.00"]]))
    assert changes() == [
        ("sku", {"price": ["50.00", "45.50"], "cost_price": ["30.00", "31.00"]}),
    ]
    assert LogEntry.objects.get().actor == operator


def test_no_log_line_tells_a_cost_price(desk: Client, desk_of: Callable[[str], Client]) -> None:
    sku = SKUFactory(price=Decimal("50.00"), cost_price=Decimal("30.17"))
    desk.post(looked_at(desk, [["SKU编号", "进价"], [sku.pk, "31.18"]]))
    html = desk_of("warehouse").get(history(sku)).content.decode()
    assert "30.17" not in html
    assert "31.18" not in html
