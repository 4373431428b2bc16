"""The demo shop as somebody sees it who has just loaded it, and twice, and with more on top."""

from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from PIL import Image
from pytest_django import Settings

from apps.areas.models import Area
from apps.demo import catalogue
from apps.demo.drawing import cards
from apps.goods.models import SKU, Brand, Category, Channel, Goods, StockMovement
from apps.orders.models import OrderGoods, OrderInfo
from apps.orders.selectors import freight_for
from apps.users.models import User

pytestmark = pytest.mark.django_db

Status, PayMethod = OrderInfo.Status, OrderInfo.PayMethod


@pytest.fixture(autouse=True)
def blank_pictures(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn here, only stored; test_pictures draws."""
    settings.MEDIA_ROOT = tmp_path
    for name in ("draw", "card", "close_up", "line_up", "wordmark"):
        monkeypatch.setattr(cards, name, lambda *args: Image.new("RGB", (1, 1)))


def load(**options: int) -> str:
    out = StringIO()
    call_command("load_demo", stdout=out, **options)
    return out.getvalue()


def rows_of_everything() -> dict[str, list[tuple]]:
    models = [model for model in apps.get_models() if model._meta.app_label in APPS]
    return {
        model.__name__: list(model._default_manager.order_by("pk").values_list())
        for model in models
    }


APPS = {"areas", "goods", "users", "orders", "payment"}


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
    assert OrderInfo.objects.count() == 300
    assert set(OrderInfo.objects.values_list("status", flat=True)) == {
        Status.UNSEND,
        Status.UNRECEIVED,
        Status.UNCOMMENT,
        Status.FINISHED,
        Status.CANCELED,
    }
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
        return list(
            SKU.objects.order_by("name").values_list(
                "name", "price", "stock", "sales", "is_launched"
            )
        )

    load()
    first = shop()
    for model in (OrderGoods, OrderInfo, SKU, Goods, Channel, Brand):
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


def test_volume_receives_goods_before_it_sells_what_is_not_there() -> None:
    load()
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
