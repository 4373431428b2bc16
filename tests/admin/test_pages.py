"""Every page of the back office opens, finds what is asked for, and costs the same however full the shop is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.areas.models import Area
from apps.goods.models import SKU, Brand, Category, Goods, SKUImage, SpecificationOption
from apps.orders.models import OrderGoods, OrderInfo
from apps.payment.models import Payment, PaymentEvent
from apps.users.models import Address, User
from tests.admin.conftest import line, tell
from tests.factories import (
    GoodsSpecificationFactory,
    SKUFactory,
    SKUSpecificationFactory,
    SpecificationOptionFactory,
)

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
READ_ONLY = {OrderInfo, Payment, PaymentEvent}
QUERIES_AT_MOST = 20

each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)

# To be mended in apps.payment and apps.orders: then these marks go.
no_payment_page = pytest.mark.xfail(
    strict=False, reason="PaymentEventInline lacks readonly_fields for create_time: 500"
)
slow_order_page = pytest.mark.xfail(
    strict=False, reason="OrderGoodsInline reads the SKU of every line"
)
each_form = pytest.mark.parametrize(
    "model",
    [
        pytest.param(model, marks=no_payment_page if model is Payment else (), id=model._meta.label)
        for model in MODELS
    ],
)


def url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def queries(desk: Client, address: str) -> int:
    """How many a page costs, once what is cached for the process is there."""
    desk.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = desk.get(address)
    assert answer.status_code == 200
    return len(captured)


def rows_of(answer: Any) -> int:
    return len(answer.context["cl"].result_list)


def test_everything_of_the_shop_is_there() -> None:
    shown = {model.__name__ for model in MODELS}
    assert shown >= {
        "Address", "Area", "Brand", "Category", "Channel", "Goods", "GoodsSpecification",
        "OrderInfo", "Payment", "PaymentEvent", "SKU", "SpecificationOption", "StockMovement",
        "User",
    }  # fmt: skip


@each_model
def test_a_list_costs_the_same_for_three_rows_and_for_ten(
    model: type[Model], desk: Client, stock_up: Callable
) -> None:
    address = url(model, "changelist")
    stock_up(3)
    with_three = queries(desk, address)
    shown = rows_of(desk.get(address))
    stock_up(7)
    with_ten = queries(desk, address)
    assert shown >= 3
    if model is not Area:  # every address is in the same district
        assert rows_of(desk.get(address)) >= shown + 7
    assert with_ten == with_three
    assert with_ten <= QUERIES_AT_MOST


@each_form
def test_one_row_can_be_looked_at(model: type[Model], desk: Client, stock_up: Callable) -> None:
    stock_up(3)
    address = url(model, "change", model._default_manager.first().pk)
    assert queries(desk, address) <= QUERIES_AT_MOST


@each_form
def test_a_form_does_not_grow_with_the_shop(
    model: type[Model], desk: Client, stock_up: Callable
) -> None:
    stock_up(3)
    address = url(model, "change", model._default_manager.first().pk)
    with_three = queries(desk, address)
    stock_up(7)
    assert queries(desk, address) == with_three


@each_model
def test_a_row_can_be_added_where_that_makes_sense(
    model: type[Model], desk: Client, stock_up: Callable
) -> None:
    stock_up(1)
    answer = desk.get(url(model, "add"))
    assert answer.status_code == (403 if model in READ_ONLY else 200)


@pytest.mark.parametrize(
    ("model", "found", "query"),
    [
        (Area, lambda: Area.objects.get(pk=110101), "东城"),
        (Area, lambda: Area.objects.get(pk=110101), "110101"),
        (Category, lambda: Category.objects.last(), lambda row: row.name),
        (Brand, lambda: Brand.objects.last(), lambda row: row.name),
        (Goods, lambda: Goods.objects.last(), lambda row: row.name),
        (SKU, lambda: SKU.objects.last(), lambda row: row.name),
        (SKU, lambda: SKU.objects.last(), lambda row: row.pk),
        (User, lambda: User.objects.last(), lambda row: row.username),
        (User, lambda: User.objects.get(username="operator"), lambda row: row.mobile),
        (Address, lambda: Address.objects.last(), lambda row: row.user.username),
        (OrderInfo, lambda: OrderInfo.objects.last(), lambda row: row.pk),
        (OrderInfo, lambda: OrderInfo.objects.last(), lambda row: row.user.mobile),
        (Payment, lambda: Payment.objects.last(), lambda row: row.out_trade_no),
        (PaymentEvent, lambda: PaymentEvent.objects.last(), lambda row: row.event_id),
    ],
)
def test_a_search_finds_it_and_nothing_else(
    model: type[Model], found: Callable, query: Any, desk: Client, stock_up: Callable
) -> None:
    stock_up(3)
    wanted = found()
    text = query(wanted) if callable(query) else query
    answer = desk.get(url(model, "changelist"), {"q": text})
    assert list(answer.context["cl"].result_list) == [wanted]
    nothing = desk.get(url(model, "changelist"), {"q": "没有这个"})
    assert rows_of(nothing) == 0


def more_specifications(sku: SKU) -> None:
    for number in range(4):
        spec = GoodsSpecificationFactory(goods=sku.goods, name=f"规格{number}")
        SKUSpecificationFactory(sku=sku, option__spec=spec)


def more_options(sku: SKU) -> None:
    for number in range(9):
        SpecificationOptionFactory(spec=sku.goods.specs.first(), value=f"值{number}")


class TestInlines:
    """The form of one row with few and with many rows below it."""

    @pytest.mark.parametrize(
        ("model", "add"),
        [
            (SKU, more_specifications),
            (SKU, lambda sku: [SKUImage.objects.create(sku=sku, image="a.png") for _ in "123456"]),
            (Goods, more_specifications),
            (Goods, more_options),
        ],
        ids=["specifications of a SKU", "images", "specifications of goods", "options"],
    )
    def test_of_the_catalogue(
        self, model: type[Model], add: Callable, desk: Client, stock_up: Callable
    ) -> None:
        stock_up(2)
        sku = SKU.objects.first()
        address = url(model, "change", sku.pk if model is SKU else sku.goods_id)
        before = queries(desk, address)
        add(sku)
        assert queries(desk, address) == before

    def test_options(self, desk: Client, stock_up: Callable) -> None:
        stock_up(2)
        option = SpecificationOption.objects.first()
        address = url(type(option.spec), "change", option.spec_id)
        before = queries(desk, address)
        more_options(SKU.objects.get(goods=option.spec.goods))
        assert queries(desk, address) == before

    @slow_order_page
    def test_lines_of_an_order(self, desk: Client, stock_up: Callable) -> None:
        stock_up(2)
        order = OrderInfo.objects.first()
        address = url(OrderInfo, "change", order.pk)
        before = queries(desk, address)
        for _ in range(6):
            line(order, SKUFactory().pk)
        assert OrderGoods.objects.filter(order=order).count() == 7
        assert queries(desk, address) == before

    @no_payment_page
    def test_events_of_a_payment(self, desk: Client, stock_up: Callable) -> None:
        stock_up(2)
        payment = Payment.objects.first()
        address = url(Payment, "change", payment.pk)
        before = queries(desk, address)
        for number in range(6):
            tell(payment, f"more-{number}")
        assert queries(desk, address) == before


@pytest.mark.parametrize("model", [SKU, Brand])
def test_thumbnails_are_shown(model: type[Model], desk: Client, stock_up: Callable) -> None:
    stock_up(2)
    model._default_manager.filter(pk=model._default_manager.first().pk).update(
        **{"default_image" if model is SKU else "logo": ""}
    )
    html = desk.get(url(model, "changelist")).content.decode()
    assert html.count('<img src="/media/') == 1


@each_model
def test_a_buyer_cannot_enter(model: type[Model], buyer: User, stock_up: Callable) -> None:
    client = Client()
    for _ in range(2):  # logged out, then logged in
        answer = client.get(url(model, "changelist"))
        assert (answer.status_code, answer["Location"][:13]) == (302, "/admin/login/")
        client.force_login(buyer)


def test_who_may_nothing_sees_nothing(buyer: User) -> None:
    buyer.is_staff = True
    buyer.save()
    client = Client()
    client.force_login(buyer)
    assert client.get("/admin/").status_code == 200
    for model in MODELS:
        assert client.get(url(model, "changelist")).status_code == 403
