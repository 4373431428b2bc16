"""Every page of the back office opens, finds what is asked for, and costs the same however full the shop is."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.after_sales.models import AfterSale
from apps.areas.models import Area
from apps.contents.models import Content
from apps.exports.models import Export
from apps.goods.models import SKU, Brand, Goods, SKUImage, SpecificationOption
from apps.invoices.models import Invoice, InvoiceTitle
from apps.notifications.models import Message, Template
from apps.operators.models import LoginEvent
from apps.orders.models import OrderGoods, OrderInfo, Review, Shipment
from apps.payment.models import (
    AuditRun,
    CashOrder,
    Difference,
    Payment,
    PaymentEvent,
    Refund,
    Statement,
    StatementLine,
)
from apps.reports.models import DayFigures
from apps.users.models import Favourite, OAuthAccount, User
from tests.admin.conftest import give_back, line, tell
from tests.admin.forms import cells
from tests.factories import (
    GoodsSpecificationFactory,
    SKUFactory,
    SKUSpecificationFactory,
    SpecificationOptionFactory,
)

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
CANNOT_BE_ADDED = {
    AfterSale,
    AuditRun,
    CashOrder,
    DayFigures,
    Difference,
    Export,
    Favourite,
    LogEntry,
    LoginEvent,
    Message,
    Invoice,
    InvoiceTitle,
    OAuthAccount,
    OrderInfo,
    Payment,
    PaymentEvent,
    Refund,
    Review,
    Shipment,
    Statement,
    StatementLine,
    TOTPDevice,
}
QUERIES_AT_MOST = 20


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


def found(desk: Client, model: type[Model], query: str = "") -> list[Model]:
    """What a list shows; all of it without a query."""
    return list(desk.get(url(model, "changelist"), {"q": query}).context["cl"].result_list)


def test_everything_of_the_shop_is_there() -> None:
    shown = {model.__name__ for model in MODELS}
    assert shown >= {
        "Address", "Area", "Brand", "Category", "Channel", "Content", "ContentCategory", "Favourite", "Goods",
        "AfterSale", "CashOrder", "Difference", "GoodsSpecification", "Invoice", "InvoiceTitle",
        "OAuthAccount", "OrderInfo", "Payment", "PaymentEvent",
        "Refund", "Review", "SKU", "SpecificationOption", "Statement", "StatementLine", "StockMovement", "User",
    }  # fmt: skip


def test_no_page_costs_more_with_fifty_rows_than_with_five(
    desk: Client, stock_up: Callable
) -> None:
    def costs() -> dict[str, int]:
        return {address: queries(desk, address) for address in lists + forms}

    stock_up(5)
    lists = [url(model, "changelist") for model in MODELS]
    rows = [(model, model._default_manager.order_by("pk").first()) for model in MODELS]
    forms = [url(model, "change", row.pk) for model, row in rows if row]
    assert len(forms) == len(MODELS)
    with_five = costs()
    stock_up(45)
    with_fifty = costs()
    grown = {page: (with_five[page], with_fifty[page]) for page in with_five}
    assert {page: grew for page, grew in grown.items() if grew[0] != grew[1]} == {}
    assert max(with_fifty.values()) <= QUERIES_AT_MOST
    short = {model for model in MODELS if len(found(desk, model)) < 50}
    assert short == {Area, Template}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_row_can_be_added_where_that_makes_sense(model: type[Model], desk: Client) -> None:
    answer = desk.get(url(model, "add"))
    assert answer.status_code == (403 if model in CANNOT_BE_ADDED else 200)


def test_a_search_finds_one_row_and_nothing_else(
    desk: Client, stock_up: Callable, subtests: pytest.Subtests
) -> None:
    stock_up(3)
    payment = Payment.objects.last()
    order = payment.order
    cash = CashOrder.objects.last()
    review = Review.objects.last()
    sku = order.skus.get().sku
    address = order.user.addresses.get()
    content = Content.objects.last()
    searches: list[tuple[Model, Any]] = [
        (Area.objects.get(pk=110101), "东城"),
        (Area.objects.get(pk=110101), 110101),
        (content, content.title),
        (content, content.category.key),
        (content.category, content.category.key),
        (sku.category, sku.category.name),
        (sku.goods.brand, sku.goods.brand.name),
        (sku.goods, sku.goods.name),
        (sku, sku.name),
        (order.user, order.user.username),
        (order.user, order.user.mobile),
        (address, order.user.username),
        (order.user.oauth_accounts.get(), order.user.mobile),
        (order.user.favourites.get(), sku.name),
        (order, order.pk),
        (order, order.user.mobile),
        (payment, payment.out_trade_no),
        (payment.differences.get(), payment.out_trade_no),
        (StatementLine.objects.get(out_trade_no=payment.out_trade_no), payment.trade_no),
        (payment.differences.get().statement, str(payment.differences.get().statement.day)),
        (payment, order.pk),
        (payment, order.user.username),
        (payment, order.user.mobile),
        (payment.refunds.get(), order.user.mobile),
        (payment.refunds.get(), payment.refunds.get().out_request_no),
        (payment.refunds.get(), order.pk),
        (cash, cash.pk),
        (order.after_sales.get(), order.pk),
        (order.after_sales.get(), order.after_sales.get().number),
        (order.live_invoice, order.pk),
        (order.live_invoice, order.live_invoice.name),
        (order.user.invoice_titles.get(), order.user.mobile),
        (review, review.pk),
        (review, review.line.order_id),
        (review, review.user.username),
        (payment.events.get(), payment.events.get().event_id),
        (order.shipment, order.pk),
        (order.shipment, order.shipment.number),
        (order.shipment.carrier, order.shipment.carrier.name),
    ]
    for wanted, query in searches:
        with subtests.test(model=type(wanted).__name__, query=query):
            assert found(desk, type(wanted), query) == [wanted]
            assert found(desk, type(wanted), "没有这个") == []


def test_a_sku_is_found_by_its_number(desk: Client) -> None:
    SKUFactory(name="手机")
    sku = SKUFactory(name="手机")
    assert found(desk, SKU, str(sku.pk)) == [sku]


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

    def test_lines_of_an_order(self, desk: Client, stock_up: Callable) -> None:
        stock_up(2)
        order = OrderInfo.objects.first()
        address = url(OrderInfo, "change", order.pk)
        before = queries(desk, address)
        for _ in range(6):
            line(order, SKUFactory().pk)
        assert OrderGoods.objects.filter(order=order).count() == 7
        assert queries(desk, address) == before

    def test_payments_and_refunds_of_an_order(self, desk: Client, stock_up: Callable) -> None:
        stock_up(2)
        payment = Payment.objects.first()
        address = url(OrderInfo, "change", payment.order_id)
        before = queries(desk, address)
        for number in range(4):
            payment.pk, payment.out_trade_no = None, f"more-{number}"
            payment.trade_no = payment.out_trade_no
            payment.save(force_insert=True)
            give_back(payment, payment.order.user)
        assert queries(desk, address) == before

    def test_events_of_a_payment(self, desk: Client, stock_up: Callable) -> None:
        stock_up(2)
        payment = Payment.objects.first()
        address = url(Payment, "change", payment.pk)
        before = queries(desk, address)
        for number in range(6):
            tell(payment, f"more-{number}")
        assert queries(desk, address) == before


@pytest.mark.parametrize("model", [SKU, Brand, Content])
def test_thumbnails_are_shown(model: type[Model], desk: Client, stock_up: Callable) -> None:
    stock_up(2)
    model._default_manager.filter(pk=model._default_manager.first().pk).update(
        **{{SKU: "default_image", Brand: "logo", Content: "image"}[model]: ""}
    )
    html = desk.get(url(model, "changelist")).content.decode()
    assert html.count('<img src="http://testserver/media/') == 1


@pytest.mark.parametrize(
    ("model", "addresses"),
    [
        (SKU, ["http://testserver/media/skus/a.png", "http://testserver/media/skus/b.png"]),
        (Brand, ["http://testserver/media/brands/a.png"]),
        (Content, ["http://testserver/media/contents/a.png"]),
    ],
)
def test_pictures_are_seen_where_they_are_changed(
    model: type[Model], addresses: list[str], desk: Client, stock_up: Callable
) -> None:
    stock_up(1)
    html = desk.get(url(model, "change", model._default_manager.get().pk)).content.decode()
    assert re.findall(r'<img src="(http://testserver/media/[^"]*)"', html) == addresses
    assert '<img src="http://testserver/media/' not in desk.get(url(model, "add")).content.decode()


class TestChinese:
    def test_the_menu(self, desk: Client) -> None:
        named = {app["app_label"]: app["name"] for app in desk.get("/admin/").context["app_list"]}
        assert (named["contents"], named["payment"]) == ("首页布置", "支付")
        assert Review._meta.verbose_name_plural == "评价"
        assert SKU._meta.get_field("comments").verbose_name == "评价数"
        assert Payment._meta.verbose_name == Payment._meta.verbose_name_plural == "支付单"

    def test_the_lines_of_an_order(self, desk: Client, stock_up: Callable) -> None:
        stock_up(1)
        page = desk.get(url(OrderInfo, "change", OrderInfo.objects.first().pk))
        lines, *_others = page.context["inline_admin_formsets"]
        labels = [str(field["label"]) for field in lines.fields()]
        assert labels == ["SKU", "名称", "规格", "售价", "件数", "小计"]

    def test_a_word_with_two_meanings_is_two_words(self, desk: Client) -> None:
        assert OAuthAccount._meta.get_field("provider").verbose_name == "登录平台"
        assert Payment._meta.get_field("provider").verbose_name == "支付渠道"
        preview = desk.get(reverse("admin:contents_content_preview")).content.decode()
        assert '<input type="submit" value="预览">' in preview

    def test_a_new_user(self, desk: Client) -> None:
        html = desk.get(url(User, "add")).content.decode()
        assert "保存后可继续编辑该用户的其他资料。" in html
        assert "After you" not in html

    def test_the_door(self) -> None:
        html = Client().post("/admin/login/", {"username": "x", "password": "y"}).content.decode()
        assert "欢迎回到" in html
        assert "Welcome" not in html

    def test_times_are_short(self, desk: Client, stock_up: Callable) -> None:
        stock_up(1)
        order = OrderInfo.objects.first()
        at = timezone.localtime(order.create_time).strftime("%Y-%m-%d %H:%M")
        assert cells(desk.get(url(OrderInfo, "changelist")), "create_time")[0] == at


@pytest.mark.parametrize(
    ("model", "first"),
    [
        (OrderInfo, ["order_id", "status", "total_amount", "pay_method"]),
        (Review, ["id", "stars", "beginning", "status", "is_answered"]),
        (Payment, ["out_trade_no", "state", "amount"]),
    ],
)
def test_what_an_operator_looks_for_stands_on_the_left(
    model: type[Model], first: list[str], desk: Client, stock_up: Callable
) -> None:
    stock_up(1)
    shown = desk.get(url(model, "changelist")).context["cl"].list_display
    assert [name for name in shown if name != "action_checkbox"][: len(first)] == first


def test_a_buyer_cannot_enter(buyer: User) -> None:
    client = Client()
    for _ in range(2):  # logged out, then logged in
        for model in MODELS:
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
