"""Lists that grow without bound are paged by key: nothing is counted, nothing skipped, every page costs the same."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.core import signing
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.goods.models import SKU, StockMovement
from apps.orders.models import OrderInfo, Review
from apps.payment.models import (
    CashOrder,
    Difference,
    Payment,
    PaymentEvent,
    Refund,
    StatementLine,
)
from apps.users.models import Address, Favourite, OAuthAccount, User
from tests.admin.conftest import place
from tests.admin.forms import change_page, save
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/orderinfo/"
GROWING = {
    OrderInfo, Payment, PaymentEvent, Refund, StatementLine, Difference, CashOrder, StockMovement,
    Review, User, Address, OAuthAccount, Favourite, SKU,
}  # fmt: skip
BEGINNING = datetime(2026, 1, 1, 4, tzinfo=UTC)


@pytest.fixture
def orders(db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Eight orders, newest first, three on a page; two and two were placed in the same moment."""
    monkeypatch.setattr(admin.site._registry[OrderInfo], "list_per_page", 3)
    buyer = UserFactory()
    for n in range(8):
        total, status = Decimal(10 * n + 10), OrderInfo.Status(1 + n % 2)
        place(buyer, f"{n:024d}", total_amount=total, status=status)
        at = BEGINNING + timedelta(hours=n // 2)
        OrderInfo.objects.filter(pk=f"{n:024d}").update(create_time=at)
    return [f"{n:024d}" for n in range(7, -1, -1)]


def numbers(answer: Any) -> list[str]:
    return [order.pk for order in answer.context["cl"].result_list]


def link(answer: Any, rel: str) -> str | None:
    found = re.search(rf'<a rel="{rel}"[^>]*href="([^"]*)"', answer.content.decode())
    return LIST + unescape(found[1]) if found else None


def walked(desk: Client, address: str | None, rel: str) -> list[list[str]]:
    """Page by page what is listed, until there is no further link."""
    pages = []
    while address:
        answer = desk.get(address)
        pages.append(numbers(answer))
        address = link(answer, rel)
    return pages


def test_every_list_that_grows_is_one_of_them() -> None:
    keyed = {model for model, page in admin.site._registry.items() if page.list_keyset}  # type: ignore[attr-defined]
    assert keyed >= GROWING
    assert not any(page.show_full_result_count for page in admin.site._registry.values())


def test_there_and_back(desk: Client, orders: list[str]) -> None:
    pages = [orders[:3], orders[3:6], orders[6:]]
    assert walked(desk, LIST, "next") == pages
    last = desk.get(link(desk.get(link(desk.get(LIST), "next")), "next"))
    assert (link(last, "next"), numbers(last)) == (None, pages[2])
    assert walked(desk, link(last, "prev"), "prev") == pages[1::-1]
    assert link(desk.get(LIST), "prev") is None


def test_what_is_placed_meanwhile_shifts_nothing(desk: Client, orders: list[str]) -> None:
    second = link(desk.get(LIST), "next")
    place(UserFactory(), "9" * 24)
    assert numbers(desk.get(second)) == orders[3:6]


def test_filters_and_search_are_kept(desk: Client, orders: list[str]) -> None:
    assert walked(desk, f"{LIST}?status__exact=2", "next") == [orders[0:6:2], [orders[6]]]
    buyer = OrderInfo.objects.first().user.username
    assert walked(desk, f"{LIST}?q={buyer}&status__exact=2", "next") == [
        orders[0:6:2],
        [orders[6]],
    ]


def test_nothing_is_counted_or_skipped_and_each_page_costs_the_same(
    desk: Client, orders: list[str]
) -> None:
    address: str | None = LIST
    desk.get(LIST)
    costs = []
    while address:
        with CaptureQueriesContext(connection) as captured:
            answer = desk.get(address)
        costs.append(len(captured))
        said = [query["sql"].upper() for query in captured]
        assert not [sql for sql in said if "COUNT(" in sql or " OFFSET " in sql]
        address = link(answer, "next")
    assert len(costs) == 3
    assert len(set(costs)) == 1


@pytest.mark.parametrize("model", sorted(GROWING - {CashOrder}, key=lambda it: it._meta.label))
def test_a_page_s_rows_are_chosen_without_another_table(model: type[Model], desk: Client) -> None:
    """Then they are fetched with what is shown beside them: who joins first may sort every row there is."""
    meta = model._meta
    page = f"/admin/{meta.app_label}/{meta.model_name}/"
    with CaptureQueriesContext(connection) as captured:
        assert desk.get(page).status_code == 200
    choosing = [it["sql"] for it in captured if f" FROM {_quoted(meta.db_table)}" in it["sql"]]
    choosing = [sql for sql in choosing if sql.endswith(" LIMIT 101")]
    assert len(choosing) == 1
    assert " JOIN " not in choosing[0]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


HOSTILE = [
    "2", "-1", "x", "", "[]", "\x00", "😀", "9" * 400,
    signing.dumps(["after", "a", "b"], salt="elsewhere"),
    signing.dumps([], salt="keyset:orders.OrderInfo:-create_time,-order_id"),
    signing.dumps(["after", "x", "y"], salt="keyset:orders.OrderInfo:-create_time,-order_id"),
    signing.dumps(["after", "2026-01-01"], salt="keyset:orders.OrderInfo:-create_time,-order_id"),
    signing.dumps(7, salt="keyset:orders.OrderInfo:-create_time,-order_id"),
]  # fmt: skip


@pytest.mark.parametrize("cursor", HOSTILE, ids=range(len(HOSTILE)))
def test_a_cursor_of_somebody_else_s_making_is_none(
    cursor: str, desk: Client, orders: list[str]
) -> None:
    answer = desk.get(LIST, {"p": cursor})
    assert (answer.status_code, numbers(answer)) == (200, orders[:3])


def test_autocomplete_counts_no_rows_either(desk: Client, operator: User) -> None:
    for _ in range(25):
        UserFactory()
    asked = {"app_label": "users", "model_name": "address", "field_name": "user", "term": "buyer"}
    with CaptureQueriesContext(connection) as captured:
        first = desk.get("/admin/autocomplete/", asked).json()
    assert not [query["sql"] for query in captured if "COUNT(" in query["sql"].upper()]
    second = desk.get("/admin/autocomplete/", {**asked, "page": 2}).json()
    assert (len(first["results"]), first["pagination"]["more"]) == (20, True)
    assert (len(second["results"]), second["pagination"]["more"]) == (5, False)


class TestBounds:
    """From and to, typed in."""

    @pytest.fixture(autouse=True)
    def whole_pages(self, orders: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(admin.site._registry[OrderInfo], "list_per_page", 100)
        OrderInfo.objects.filter(pk=orders[0]).update(
            create_time=datetime(2026, 1, 2, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
        )
        OrderInfo.objects.filter(pk=orders[1]).update(
            create_time=datetime(2026, 1, 2, 16, tzinfo=UTC)
        )

    @pytest.mark.parametrize(
        ("asked", "first", "count"),
        [
            ({"create_time_from": "2026-01-02"}, 1, 2),
            ({"create_time_from": "2026-01-02", "create_time_to": "2026-01-02"}, 0, 1),
            ({"create_time_to": "2026-01-01"}, 2, 6),
            ({"total_amount_from": "70"}, 1, 2),
            ({"total_amount_from": "60.01", "total_amount_to": "70.00"}, 1, 1),
            ({"total_amount_to": "10", "status__exact": "1"}, 7, 1),
        ],
    )
    def test_both_are_included(
        self, asked: dict[str, str], first: int, count: int, desk: Client, orders: list[str]
    ) -> None:
        shown = numbers(desk.get(LIST, asked))
        assert (shown[0], len(shown)) == (orders[first], count)

    @pytest.mark.parametrize(
        "value",
        [
            "x",
            "\x00",
            "NaN",
            "Infinity",
            "1e999",
            "9" * 99,
            "2026-02-30",
            "0001-01-01",
            "', 1",
            "😀",
        ],
    )
    def test_what_is_no_bound_fails_nothing(self, value: str, desk: Client) -> None:
        for name in ("create_time", "total_amount"):
            for end in ("from", "to"):
                answer = desk.get(LIST, {f"{name}_{end}": value})
                assert answer.status_code == 200

    def test_a_link_s_filter_stays_when_bounds_are_typed_in(self, desk: Client) -> None:
        asked = {"status__exact": "2", "p": "x", "create_time_from": "2026-01-01", "q": "1"}
        html = desk.get(LIST, asked).content.decode()
        form = html.split('id="filter-form"')[1].split("</form>")[0]
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        assert sorted(hidden) == [("q", "1"), ("status__exact", "2")]


def test_the_history_of_a_row_is_counted_as_it_is(desk: Client, orders: list[str]) -> None:
    page = change_page(User.objects.get(username="operator")).replace("change", "history")
    save(desk, change_page(User.objects.get(username="operator")), first_name="Mei")
    action_list = desk.get(page).context["action_list"]
    assert action_list.paginator.count == 1
