"""A whole value is found by the index of its column, in whatever table that is."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.after_sales.models import AfterSale
from apps.core.admin import AmountRangeFilter
from apps.invoices.models import Invoice
from apps.orders.models import OrderInfo, Review, Shipment
from apps.payment.models import (
    CashOrder,
    Difference,
    Payment,
    PaymentEvent,
    Refund,
    StatementLine,
)
from tests.admin.conftest import place
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

WHOLE = [
    OrderInfo, CashOrder, Shipment, Review, Payment, PaymentEvent, Refund, StatementLine, Difference,
    AfterSale, Invoice,
]  # fmt: skip
LIST = "/admin/orders/orderinfo/"
SAID = "完整输入："


def page(model: type[Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def whole_columns(model: type[Model]) -> list[str]:
    fields = admin.site._registry[model].search_fields
    return [field.removeprefix("=") for field in fields if field.startswith("=")]


def first_of_an_index(model: type[Model]) -> set[str]:
    meta = model._meta.concrete_model._meta  # type: ignore[union-attr]
    own = {field.name for field in meta.concrete_fields if field.unique or field.db_index}
    indexes = {index.fields[0].removeprefix("-") for index in meta.indexes if index.fields}
    unique = {it.fields[0] for it in meta.total_unique_constraints if it.fields}
    return own | indexes | unique


@pytest.mark.parametrize("model", WHOLE, ids=lambda it: it.__name__)
def test_every_step_on_the_way_has_an_index(model: type[Model]) -> None:
    columns = whole_columns(model)
    assert columns
    for column in columns:
        there: Any = model
        for name in column.split("__"):
            assert name in first_of_an_index(there), (there, name)
            there = there._meta.get_field(name).related_model


@pytest.mark.parametrize(
    ("model", "column"), [(OrderInfo, "total_amount"), (Payment, "amount"), (Refund, "amount")]
)
def test_amounts_that_are_filtered_by_have_an_index(model: type[Model], column: str) -> None:
    assert (column, AmountRangeFilter) in admin.site._registry[model].list_filter
    assert column in first_of_an_index(model)


def found(desk: Client, model: type[Model], text: str) -> list[Any]:
    answer = desk.get(page(model), {"q": text})
    return [row.pk for row in answer.context["cl"].result_list]


@pytest.mark.parametrize("model", WHOLE, ids=lambda it: it.__name__)
def test_no_statement_asks_two_tables_at_once(
    model: type[Model], desk: Client, stock_up: Any
) -> None:
    stock_up(1)
    for text in ("0" * 24, "13800000000", "nobody"):
        with CaptureQueriesContext(connection) as captured:
            answer = desk.get(page(model), {"q": text})
        assert answer.status_code == 200
        assert not [it["sql"] for it in captured if " OR " in it["sql"] and " JOIN " in it["sql"]]


class TestOrders:
    @pytest.fixture
    def orders(self) -> list[OrderInfo]:
        """Two of one buyer, the second sent to somebody else, and one of a stranger."""
        buyer = UserFactory(username="xiaomei", mobile="13811111111")
        stranger = UserFactory(username="stranger", mobile="13822222222")
        return [
            place(buyer, "1" * 24, mobile="13811111111"),
            place(buyer, "2" * 24, mobile="13899999999"),
            place(stranger, "3" * 24, mobile="13811111111"),
        ]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1" * 24, [0]),
            (f"  {'1' * 24} ", [0]),
            ("1" * 23, []),
            ("xiaomei", [0, 1]),
            ("xiaome", []),
            ("13811111111", [0, 1, 2]),
            ("13899999999", [1]),
            ("13822222222", [2]),
            ("1" * 300, []),
            ("😀", []),
            ("%", []),
        ],
    )
    def test_by_whole_values(
        self, text: str, expected: list[int], desk: Client, orders: list[OrderInfo]
    ) -> None:
        assert sorted(found(desk, OrderInfo, text)) == [orders[n].pk for n in expected]

    def test_within_what_is_filtered(self, desk: Client, orders: list[OrderInfo]) -> None:
        asked = {"q": "xiaomei", "status__exact": orders[0].status + 1}
        assert not desk.get(LIST, asked).context["cl"].result_list

    def test_the_field_says_what_can_be_typed(self, desk: Client, orders: list[OrderInfo]) -> None:
        html = desk.get(LIST).content.decode()
        assert f'placeholder="{SAID}订单号、买家的用户名、买家的手机号、手机号"' in html


def test_a_payment_by_what_its_order_has(desk: Client, stock_up: Any) -> None:
    stock_up(2)
    payment = Payment.objects.first()
    refund = payment.refunds.get()
    user = payment.order.user
    for text in (payment.out_trade_no, payment.trade_no, payment.order_id, user.username):
        assert found(desk, Payment, text) == [payment.pk]
        assert text == payment.trade_no or found(desk, Refund, text) == [refund.pk]


def test_part_of_a_name_only_if_nothing_is_it_as_a_whole(desk: Client, stock_up: Any) -> None:
    stock_up(2)
    first, second = Invoice.objects.order_by("pk")
    Invoice.objects.filter(pk=first.pk).update(name=f"{second.order_id}公司")
    assert found(desk, Invoice, second.order_id) == [second.pk]
    assert found(desk, Invoice, "公司") == [first.pk]
