"""Every list that is exported: all its columns, at a cost that does not grow with its rows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.exports.models import Export
from tests.exports.conftest import export, offered, sheet

pytestmark = pytest.mark.django_db

LISTS = sorted(
    model._meta.label
    for model, model_admin in admin.site._registry.items()
    if getattr(model_admin, "export_columns", None) is not None
)
QUERIES_AT_MOST = 25


def test_which_lists_these_are() -> None:
    """A new page says by ``export_columns`` that it is one of them."""
    assert LISTS == [
        "after_sales.AfterSale", "goods.Brand", "goods.Category", "goods.Goods", "goods.SKU",
        "goods.StockMovement", "invoices.Invoice", "orders.OrderInfo", "orders.Review",
        "orders.Shipment", "payment.CashOrder", "payment.Difference", "payment.Payment",
        "payment.PaymentEvent", "payment.Refund", "payment.Statement", "payment.StatementLine",
        "reports.DayFigures", "users.Favourite", "users.User",
    ]  # fmt: skip


def cost(desk: Client, label: str) -> tuple[int, int]:
    """Of an export of all columns: statements, and rows."""
    columns = offered(desk, label)
    with CaptureQueriesContext(connection) as captured:
        rows = sheet(export(desk, label, *columns))
    assert len(rows[0]) == len(columns)
    return len(captured), len(rows) - 1


def test_fifty_rows_cost_what_three_do(desk: Client, stock_up: Callable[[int], None]) -> None:
    stock_up(3)
    with_three = {label: cost(desk, label)[0] for label in LISTS}
    stock_up(47)
    with_fifty = {label: cost(desk, label) for label in LISTS}
    assert {label: queries for label, (queries, _rows) in with_fifty.items()} == with_three
    assert min(rows for _queries, rows in with_fifty.values()) >= 50
    assert max(with_three.values()) <= QUERIES_AT_MOST


@pytest.mark.parametrize("label", LISTS)
def test_titles_are_told_apart_and_cells_are_for_people(
    label: str, desk: Client, stock_up: Callable[[int], None]
) -> None:
    stock_up(1)
    rows = sheet(export(desk, label))
    assert len(set(rows[0])) == len(rows[0])
    said: list[Any] = [*rows[0], *(cell for row in rows[1:] for cell in row)]
    assert not [each for each in said if "<" in each or "object (" in each or each in "-–" and each]
    assert Export.objects.filter(state="done").last().rows == len(rows) - 1
