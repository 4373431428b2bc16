"""What the warehouse prints: one list of what to fetch, one page for each parcel."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.orders.admin import printing
from apps.orders.models import OrderInfo, Status
from tests.factories import OrderInfoFactory, SKUFactory
from tests.operators.conftest import desk_of as desk_of

pytestmark = pytest.mark.django_db

PAGE = "/admin/orders/orderinfo/"


@pytest.fixture
def orders() -> list[OrderInfo]:
    pen, ink = SKUFactory(name="A 钢笔"), SKUFactory(name="B <b>墨水</b>")
    more = {"status": Status.UNSEND}
    return [OrderInfoFactory(skus=[pen, ink], **more), OrderInfoFactory(skus=[pen], **more)]


def take(desk: Client, orders: list[OrderInfo], action: str) -> Any:
    chosen = [order.pk for order in orders]
    return desk.post(PAGE, {"action": action, "_selected_action": chosen}, follow=True)


def test_a_picking_list_sums_up(orders: list[OrderInfo], desk: Client) -> None:
    answer = take(desk, orders, "picking_list")
    lines = [(line["name"], line["units"]) for line in answer.context["lines"]]
    assert lines == [("A 钢笔", 2), ("B <b>墨水</b>", 1)]
    html = answer.content.decode()
    assert "配货单" in html
    assert "<b>墨水" not in html
    assert "<script" not in html
    assert "orders/print.css" in html


def test_delivery_notes_are_a_page_each(orders: list[OrderInfo], desk: Client) -> None:
    html = take(desk, orders, "delivery_notes").content.decode()
    assert html.count("<section>") == 2
    for text in (orders[0].pk, orders[1].pk, "王小美", "和平路1号", "A 钢笔"):
        assert text in html
    assert "<script" not in html


@pytest.mark.parametrize("name", ["picking-list", "delivery-note"])
def test_from_the_page_of_an_order(name: str, orders: list[OrderInfo], desk: Client) -> None:
    address = f"{PAGE}{orders[0].pk}/{name}/"
    assert f'href="{address}"' in desk.get(f"{PAGE}{orders[0].pk}/change/").content.decode()
    html = desk.get(address).content.decode()
    assert orders[0].pk in html
    assert orders[1].pk not in html
    assert desk.get(f"{PAGE}x/{name}/").status_code == 404


@pytest.mark.parametrize("action", ["picking_list", "delivery_notes"])
def test_not_more_than_a_printer_takes(
    action: str, orders: list[OrderInfo], desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "MOST_ORDERS", 1)
    answer = take(desk, orders, action)
    assert [str(message) for message in answer.context["messages"]] == ["一次最多处理 1 条。"]


def test_the_costs_do_not_grow(orders: list[OrderInfo], desk: Client) -> None:
    def costs(action: str, some: list[OrderInfo]) -> int:
        with CaptureQueriesContext(connection) as captured:
            take(desk, some, action)
        return len(captured)

    for action in ("picking_list", "delivery_notes"):
        take(desk, orders, action)
        assert costs(action, orders[:1]) == costs(action, orders)


@pytest.mark.parametrize(
    ("role", "prints", "sees_prices"),
    [
        ("service", True, True),
        ("warehouse", True, False),
        ("finance", True, True),
        ("catalogue", False, False),
        ("manager", True, True),
    ],
)
def test_who_may(
    role: str,
    prints: bool,
    sees_prices: bool,
    orders: list[OrderInfo],
    desk_of: Callable[[str], Client],
) -> None:
    desk = desk_of(role)
    status = 200 if prints else 403
    note = desk.get(f"{PAGE}{orders[0].pk}/delivery-note/")
    assert note.status_code == status
    assert desk.get(f"{PAGE}{orders[0].pk}/picking-list/").status_code == status
    listed = take(desk, orders, "delivery_notes")
    assert listed.status_code == status
    for answer in (note, listed):
        assert ("订单总额" in answer.content.decode()) is sees_prices
