"""The demo shop as somebody sees it who has just loaded it, and twice, and with more on top."""

import re
from collections.abc import Callable
from decimal import Decimal
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from apps.after_sales.models import AfterSale
from apps.areas.models import Area
from apps.contents.models import Content, ContentCategory
from apps.demo import catalogue
from apps.goods.models import SKU, Brand, Category, Channel, Goods, StockMovement
from apps.invoices.models import Invoice, InvoiceTitle
from apps.invoices.models.tax_numbers import is_credit_code
from apps.notifications.models import Message, WebhookEndpoint
from apps.orders.models import OrderGoods, OrderInfo, Review, ReviewImage
from apps.orders.selectors import freight_for
from apps.payment.models import (
    CashOrder,
    Difference,
    Payment,
    PaymentEvent,
    Refund,
    Statement,
)
from apps.search.gateways import engine
from apps.search.gateways.base import Asked
from apps.users.models import User
from tests.demo.loading import load

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places", "blank_pictures")]

Status, PayMethod = OrderInfo.Status, OrderInfo.PayMethod


def rows_of_everything() -> dict[str, list[tuple]]:
    models = [model for model in apps.get_models() if model._meta.app_label in APPS]
    return {
        model.__name__: list(model._default_manager.order_by("pk").values_list())
        for model in models
    }


APPS = {
    "after_sales",
    "areas",
    "auth",
    "contents",
    "goods",
    "invoices",
    "notifications",
    "orders",
    "payment",
    "reports",
    "users",
}


def assert_the_books_are_right() -> None:
    sold = OrderGoods.objects.exclude(order__status=Status.CANCELED).filter(sku=OuterRef("pk"))
    moved = StockMovement.objects.filter(sku=OuterRef("pk"))
    skus = SKU.objects.annotate(
        sold=total(sold.values("sku").annotate(total=Sum("count"))),
        moved=total(moved.order_by().values("sku").annotate(total=Sum("change"))),
    )
    assert not skus.exclude(sales=F("sold")).exists()
    assert not skus.exclude(stock=F("opening_stock") + F("moved") - F("sold")).exists()
    for order in OrderInfo.objects.prefetch_related("skus"):
        goods_amount = sum((line.amount for line in order.skus.all()), Decimal("0.00"))
        assert order.freight == freight_for(goods_amount)
        assert order.total_amount == goods_amount + order.freight
        assert order.total_count == sum(line.count for line in order.skus.all())


def total(query: object) -> Coalesce:
    return Coalesce(Subquery(query.values("total")), 0, output_field=IntegerField())  # type: ignore[attr-defined]


def test_the_shop_is_as_large_as_promised() -> None:
    load()

    tops = Category.objects.filter(parent=None)
    middles = Category.objects.filter(parent__parent=None).exclude(parent=None)
    leaves = Category.objects.filter(subs=None)
    assert tops.count() >= 3
    assert not tops.annotate(below=Count("subs")).filter(below__lt=3).exists()
    assert not middles.annotate(below=Count("subs")).filter(below__lt=3).exists()
    assert not leaves.filter(parent__parent=None).exists()
    assert not leaves.filter(skus=None).exists()
    assert Channel.objects.count() == tops.count()
    assert Brand.objects.count() >= 12
    assert Goods.objects.count() >= 60
    assert SKU.objects.count() >= 200
    assert Area.objects.count() == 34 + 369 + 3479


def test_what_was_loaded_can_be_searched() -> None:
    for more in (0, 5):
        load(skus=more)
        assert engine().search(Asked("")).count == SKU.objects.launched().count()
    assert engine().search(Asked("lixing 手机")).count > 5
    first_by_initials = engine().search(Asked("lx")).ids[0]
    assert SKU.objects.get(pk=first_by_initials).name.startswith("砾星")


def test_what_is_on_the_shelves_is_plausible() -> None:
    load()

    assert not SKU.objects.exclude(cost_price__lt=F("price"), price__lt=F("market_price")).exists()
    assert not SKU.objects.exclude(category=F("goods__category")).exists()
    assert SKU.objects.filter(is_launched=False).exists()
    assert SKU.objects.filter(is_launched=True, stock=0).exists()
    assert SKU.objects.filter(stock__range=(1, 10)).exists()
    assert not Goods.objects.filter(
        Q(desc_detail="") | Q(desc_pack="") | Q(desc_service="")
    ).exists()


def test_a_sku_has_one_option_of_each_specification_and_some_combinations_are_not_made() -> None:
    load()

    holes = 0
    for goods in Goods.objects.prefetch_related("specs__options", "skus__specs"):
        specs = {
            spec.pk: {option.pk for option in spec.options.all()} for spec in goods.specs.all()
        }
        made = set()
        for sku in goods.skus.all():
            chosen = {row.spec_id: row.option_id for row in sku.specs.all()}
            assert chosen.keys() == specs.keys()
            assert all(option in specs[spec] for spec, option in chosen.items())
            made.add(tuple(sorted(chosen.items())))
        assert len(made) == goods.skus.count()
        possible = 1
        for options in specs.values():
            possible *= len(options)
        holes += possible - len(made)
    assert holes > 10


def test_past_orders_are_whole() -> None:
    load()

    assert_the_books_are_right()
    assert OrderInfo.objects.count() == 300 + 66 + 5 + 5
    assert set(OrderInfo.objects.values_list("status", flat=True)) == set(Status)
    unpaid_for = Q(status__in=[Status.UNPAID, Status.CANCELED])
    assert not OrderInfo.objects.filter(pay_method=PayMethod.ALIPAY).exclude(unpaid_for).exists()
    assert SKU.objects.filter(sales__gt=10).exists()
    order = OrderInfo.objects.order_by("create_time").first()
    assert order is not None
    days = (OrderInfo.objects.latest("create_time").create_time - order.create_time).days
    assert 50 <= days <= 60
    assert len(order.order_id) == 24
    assert order.order_id[14:20] == f"{order.user_id:06d}"
    line = OrderGoods.objects.exclude(specification="").select_related("sku").first()
    assert line is not None
    assert (line.name, line.image) == (line.sku.name, line.sku.default_image.name)
    chosen = line.sku.specs.select_related("spec", "option")
    assert line.specification == ", ".join(f"{row.spec.name}: {row.option.value}" for row in chosen)


def test_what_was_received_is_paid_for() -> None:
    load()
    received = {Status.UNCOMMENT, Status.FINISHED}
    assert not CashOrder.objects.filter(status__in=received).exists()
    assert CashOrder.objects.filter(status=Status.UNRECEIVED).exists()
    paid = {Status.UNSEND, *received}
    canceled = Payment.objects.exclude(order__status__in=paid)
    assert not canceled.exclude(order__status=Status.CANCELED, refunded_amount=F("amount")).exists()
    refund = Refund.objects.get(payment__order__user__username="demo_buyer")
    assert refund.state == "succeeded"
    assert (refund.payment.refunded_amount, refund.requested_by_id) == (
        refund.amount,
        User.objects.get(username="demo_finance").pk,
    )
    call_command("audit", stdout=StringIO())
    said = StringIO()
    call_command("reconcile", stdout=said)
    assert said.getvalue() == "Nobody has paid through any provider yet.\n"


def test_invoices_wait_to_be_issued() -> None:
    load()
    waiting = Invoice.objects.requested()
    assert waiting.count() in {12, 13}
    assert waiting.filter(order__user__username="demo_buyer").count() == 1
    assert waiting.exclude(tax_number="").count() in {3, 4}
    for title in InvoiceTitle.objects.exclude(tax_number=""):
        assert is_credit_code(title.tax_number)
    before = rows_of_everything()
    call_command("request_red_letters")
    assert rows_of_everything() == before
    call_command("audit", stdout=StringIO())


def test_what_was_finished_is_reviewed_and_counted() -> None:
    load()

    finished = Q(order__status=Status.FINISHED)
    assert not OrderGoods.objects.filter(finished, review=None).exists()
    assert not Review.objects.exclude(line__order__status=Status.FINISHED).exists()
    assert not Review.objects.exclude(line__order__user=F("user")).exists()
    call_command("audit", stdout=StringIO())
    assert Review.objects.count() > 200
    assert set(Review.objects.values_list("score", flat=True)) == {1, 2, 3, 4, 5}
    assert min(len(review.comment) for review in Review.objects.all()) >= Review.MIN_LENGTH
    assert Review.objects.exclude(reply="").exists()
    assert Review.objects.filter(is_anonymous=True).exists()
    assert ReviewImage.objects.exclude(review=None).exists()


def test_the_demo_buyer_has_orders_and_writes_the_reviews_that_are_missing(api: APIClient) -> None:
    load()
    credentials = {"username": "demo_buyer", "password": "meiduo-demo-1"}
    token = api.post("/api/v1/authorizations/", credentials).json()["token"]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    orders = api.get("/api/v1/orders/").json()["results"]
    assert [order["status"] for order in orders] == [
        Status.UNSEND,
        Status.UNRECEIVED,
        Status.UNCOMMENT,
        Status.CANCELED,
        Status.FINISHED,
    ]
    for order in orders:
        written = Review.objects.filter(line__order=order["order_id"])
        assert [review.user.username for review in written] == (
            ["demo_buyer"] if order["status"] == Status.FINISHED else []
        )
        for line in order["skus"]:
            assert api.get(f"/api/v1/skus/{line['sku']['id']}/").json()["stock"] > 0

    received = f"/api/v1/orders/{orders[2]['order_id']}/"
    lines = api.get(f"{received}uncommentgoods/").json()
    assert len(lines) == 2
    for line in lines:
        review = {"sku": line["sku"]["id"], "comment": "用了几天，很喜欢。", "score": 5}
        assert api.post(f"{received}comments/", review).status_code == 201
    assert api.get(received).json()["status"] == Status.FINISHED
    call_command("audit", stdout=StringIO())


def test_every_place_of_the_home_page_is_filled() -> None:
    load()

    assert not ContentCategory.objects.filter(contents=None).exists()
    assert Content.objects.coming(timezone.now()).exists()
    launched = set(SKU.objects.launched().values_list("pk", flat=True))
    leaves = set(Category.objects.filter(subs=None).values_list("pk", flat=True))
    for content in Content.objects.all():
        content.full_clean()
        sku_id = re.fullmatch(r"/goods/(\d+)\.html", content.url)
        category_id = re.fullmatch(r"/list\.html\?cat=(\d+)", content.url)
        assert not sku_id or int(sku_id[1]) in launched
        assert not category_id or int(category_id[1]) in leaves
        assert sku_id or category_id or content.category.key == "index_kx"
        assert not content.image or content.image.storage.exists(content.image.name)


def test_places_that_an_operator_removed_stay_away() -> None:
    ContentCategory.objects.filter(key__startswith="index_2f").delete()

    load()

    assert not ContentCategory.objects.filter(key__startswith="index_2f").exists()
    assert Content.objects.exists()


def test_what_is_loaded_shows_at_once(
    api: APIClient, django_capture_on_commit_callbacks: Callable
) -> None:
    """A shop that was empty a moment ago does not go on looking empty, nor does it hide what is added."""

    def brands_and_skus() -> tuple[int, int]:
        tops = [tree["id"] for tree in api.get("/api/v1/categories/").json()]
        counts = [api.get(f"/api/v1/categories/{top}/skus/").json()["count"] for top in tops]
        return len(api.get("/api/v1/brands/").json()), sum(counts)

    assert brands_and_skus() == (0, 0)
    for more in (0, 8):
        with django_capture_on_commit_callbacks(execute=True):
            load(skus=more)
        assert brands_and_skus() == (Brand.objects.count(), SKU.objects.launched().count())


def test_a_second_run_changes_nothing() -> None:
    load()
    sku = SKU.objects.filter(stock__gt=100).earliest("pk")
    SKU.objects.filter(pk=sku.pk).update(price=Decimal("1.23"))
    User.objects.get(username="demo_buyer").addresses.update(place="别处1号")
    before = rows_of_everything()

    said = load()

    assert rows_of_everything() == before
    assert "0 drawn" in said
    assert "left as it is" in said


def test_two_shops_are_the_same() -> None:
    def shop() -> list[tuple]:
        skus = SKU.objects.order_by("name")
        orders = OrderGoods.objects.filter(order__user__username="demo_buyer").order_by("pk")
        return [
            *skus.values_list("name", "price", "stock", "sales", "is_launched"),
            *orders.values_list("name", "price", "count", "order__status", "review__comment"),
        ]

    load()
    first = shop()
    paid = (AfterSale, PaymentEvent, Refund, Payment, Difference, Statement)
    for model in (
        ReviewImage,
        Review,
        Invoice,
        *paid,
        OrderGoods,
        OrderInfo,
        StockMovement,
        Message,
        WebhookEndpoint,
        SKU,
        Goods,
        Channel,
        Brand,
        Content,
    ):
        model.objects.all().delete()
    Category.objects.filter(subs=None).delete()
    Category.objects.exclude(parent=None).delete()
    Category.objects.all().delete()

    load()

    assert shop() == first


def test_the_logins_work_and_keep_a_changed_password() -> None:
    said = load()

    assert "demo_buyer (13800000001) / meiduo-demo-1" in said
    buyer = authenticate(username="13800000001", password="meiduo-demo-1")
    assert buyer is not None
    assert buyer.get_username() == "demo_buyer"
    owner = User.objects.get(username="demo_buyer")
    assert owner.addresses.count() == 2
    assert owner.default_address is not None
    assert owner.default_address.user_id == owner.pk
    operator = authenticate(username="demo_operator", password="meiduo-demo-2")
    assert operator is not None
    assert operator.is_staff
    assert operator.is_superuser
    assert not User.objects.get(username="demo_guest_01").has_usable_password()

    owner.set_password("my-own-word-7")
    owner.save()
    load()
    assert authenticate(username="demo_buyer", password="my-own-word-7") is not None


def test_a_mobile_that_somebody_else_has_is_named() -> None:
    User.objects.create_user("zhang", mobile="13800000001")

    with pytest.raises(CommandError, match="zhang has the mobile number 13800000001"):
        load()

    assert User.objects.count() == 1
    assert Goods.objects.count() == 0


def test_production_refuses(settings: Settings) -> None:
    settings.DEMO_ALLOWED = False
    before = rows_of_everything()

    with pytest.raises(CommandError, match="production"):
        load()

    assert rows_of_everything() == before


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(CommandError, match="from 0 up"):
        load(skus=-1)

    assert Goods.objects.count() == 0


def test_volume_keeps_the_books_right() -> None:
    load()
    skus, orders = SKU.objects.count(), OrderInfo.objects.count()

    load(skus=50, orders=30)
    load(skus=50, orders=30)

    assert SKU.objects.count() == skus + 100
    assert OrderInfo.objects.count() == orders + 60
    assert not SKU.objects.filter(specs=None).exists()
    assert not SKU.objects.filter(images=None).exists()
    assert_the_books_are_right()
    call_command("audit", stdout=StringIO())


def test_volume_receives_goods_before_it_sells_what_is_not_there() -> None:
    load()
    StockMovement.objects.all().delete()
    SKU.objects.update(stock=0, opening_stock=F("sales"))

    load(orders=30)

    assert StockMovement.objects.filter(reason=StockMovement.Reason.RECEIPT).exists()
    assert_the_books_are_right()


def test_quiet_means_silent(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demo", verbosity=0, skus=4)

    assert capsys.readouterr() == ("", "")


def test_names_in_the_data_exist() -> None:
    for product in catalogue.products():
        codes = {variant.code for variant in product.variants}
        assert {*product.scarce, *product.withdrawn} <= codes
        possible = 1
        for options in product.options.values():
            possible *= len(options)
        assert len(codes) == possible - len(product.missing)
