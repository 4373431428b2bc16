"""Rows for tests. Every SKU starts with its stock as opening stock, so that the audit adds up."""

from collections.abc import Iterable
from decimal import Decimal
from importlib import import_module
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import factory
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F
from factory.django import DjangoModelFactory
from PIL import Image

from apps.areas.models import Area
from apps.contents.models import Content, ContentCategory
from apps.goods.models import (
    SKU,
    Brand,
    Category,
    Goods,
    GoodsSpecification,
    SKUSpecification,
    SpecificationOption,
)
from apps.goods.services import count_review
from apps.orders.models import OrderGoods, OrderInfo, Review, ReviewImage, Step
from apps.users.models import Address, Favourite, User

PASSWORD = "correct-horse-7"


class AreaFactory(DjangoModelFactory):
    class Meta:
        model = Area
        django_get_or_create = ("id",)

    id = factory.Sequence(lambda n: 990000 + n)
    name = factory.LazyAttribute(lambda area: f"地区{area.id}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"buyer{n}")
    mobile = factory.Sequence(lambda n: f"139{n:08d}")
    password = factory.django.Password(PASSWORD)


class AddressFactory(DjangoModelFactory):
    class Meta:
        model = Address

    user = factory.SubFactory(UserFactory)
    title = "家"
    receiver = "王小美"
    province = factory.SubFactory(AreaFactory, id=110000, name="北京市")
    city = factory.SubFactory(
        AreaFactory, id=110100, name="北京市", parent=factory.SelfAttribute("..province")
    )
    district = factory.SubFactory(
        AreaFactory, id=110101, name="东城区", parent=factory.SelfAttribute("..city")
    )
    place = "和平路1号"
    mobile = "13900000000"


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"类别{n}")


class LeafCategoryFactory(CategoryFactory):
    """A category of the third level, with the two above it."""

    parent = factory.SubFactory(CategoryFactory, parent=factory.SubFactory(CategoryFactory))


class BrandFactory(DjangoModelFactory):
    class Meta:
        model = Brand

    name = factory.Sequence(lambda n: f"品牌{n}")
    first_letter = "P"


class GoodsFactory(DjangoModelFactory):
    class Meta:
        model = Goods

    name = factory.Sequence(lambda n: f"商品{n}")
    brand = factory.SubFactory(BrandFactory)
    category = factory.SubFactory(LeafCategoryFactory)


class SKUFactory(DjangoModelFactory):
    class Meta:
        model = SKU

    name = factory.Sequence(lambda n: f"商品{n} 标准版")
    goods = factory.SubFactory(GoodsFactory)
    category = factory.SelfAttribute("goods.category")
    price = Decimal("50.00")
    market_price = Decimal("60.00")
    cost_price = Decimal("30.00")
    stock = 10
    opening_stock = factory.SelfAttribute("stock")


class GoodsSpecificationFactory(DjangoModelFactory):
    class Meta:
        model = GoodsSpecification

    goods = factory.SubFactory(GoodsFactory)
    name = "颜色"


class SpecificationOptionFactory(DjangoModelFactory):
    class Meta:
        model = SpecificationOption

    spec = factory.SubFactory(GoodsSpecificationFactory)
    value = "黑色"


class SKUSpecificationFactory(DjangoModelFactory):
    class Meta:
        model = SKUSpecification

    sku = factory.SubFactory(SKUFactory)
    spec = factory.SelfAttribute("option.spec")
    option = factory.SubFactory(SpecificationOptionFactory)


class FavouriteFactory(DjangoModelFactory):
    class Meta:
        model = Favourite

    user = factory.SubFactory(UserFactory)
    sku = factory.SubFactory(SKUFactory)


class OrderInfoFactory(DjangoModelFactory):
    """An order that was received, one unit of each of ``skus``; their books know that it was sold."""

    class Meta:
        model = OrderInfo
        skip_postgeneration_save = True

    order_id = factory.Sequence(lambda n: f"{20260101080000:d}{n:010d}")
    user = factory.SubFactory(UserFactory)
    cart_stamp = factory.SelfAttribute("order_id")
    receiver = "王小美"
    mobile = "13900000000"
    province = city = "北京市"
    district = "东城区"
    place = "和平路1号"
    total_count = 1
    total_amount = freight = Decimal("0.00")
    pay_method = OrderInfo.PayMethod.CASH
    status = OrderInfo.Status.UNCOMMENT

    @factory.post_generation
    def skus(order: OrderInfo, create: bool, skus: Iterable[SKU] | None, **kwargs: Any) -> None:  # noqa: N805
        sold = list(skus or [SKUFactory()])
        for sku in sold:
            shown = {"name": sku.name, "price": sku.price, "image": str(sku.default_image)}
            OrderGoods.objects.create(order=order, sku=sku, count=1, **shown)
            books = SKU.objects.filter(pk=sku.pk)
            books.update(sales=F("sales") + 1, opening_stock=F("opening_stock") + 1)
        order.total_count = len(sold)
        order.total_amount = sum((sku.price for sku in sold), order.freight)
        order.save()


class ReviewFactory(DjangoModelFactory):
    """A review of an order's only line, counted as one that the buyer wrote."""

    class Meta:
        model = Review

    sku = factory.SubFactory(SKUFactory)
    user = factory.SubFactory(UserFactory)
    comment = "做工很好，用着顺手"

    @classmethod
    def _create(cls, model: Any, *args: Any, sku: SKU, user: User, **columns: Any) -> Review:
        order = OrderInfoFactory(user=user, skus=[sku])
        line = order.skus.get()
        OrderGoods.objects.mark_reviewed(line.pk)
        OrderInfo.objects.fully_reviewed().advance(order.pk, Step.FINISH)
        owners = {"line": line, "user": user, "sku": sku, "goods": sku.goods}
        review: Review = super()._create(model, **owners, **columns)
        if review.status == Review.Status.VISIBLE:
            count_review(sku, review.score)
        return review


class ReviewImageFactory(DjangoModelFactory):
    """An upload that no review has taken."""

    class Meta:
        model = ReviewImage

    user = factory.SubFactory(UserFactory)
    image = factory.LazyFunction(lambda: picture())


def picture(kind: str = "JPEG", side: int = 100) -> SimpleUploadedFile:
    """A file as a phone sends it."""
    file = BytesIO()
    Image.new("RGB", (side, side), (200, 30, 40)).save(file, kind)
    return SimpleUploadedFile(f"IMG.{kind.lower()}", file.getvalue(), f"image/{kind.lower()}")


class ContentCategoryFactory(DjangoModelFactory):
    class Meta:
        model = ContentCategory
        django_get_or_create = ("key",)

    key = "index_lbt"
    name = factory.LazyAttribute(lambda place: f"位置 {place.key}")


class ContentFactory(DjangoModelFactory):
    class Meta:
        model = Content

    category = factory.SubFactory(ContentCategoryFactory)
    title = factory.Sequence(lambda n: f"内容{n}")
    url = "/goods/1.html"
    text = "限时特惠"


def add_places() -> None:
    """The home page's places as the migration adds them: tests on whole transactions empty every table."""
    migration = import_module("apps.contents.migrations.0002_home_page_places")
    migration.add(apps, SimpleNamespace(connection=connection))
