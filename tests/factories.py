"""Rows for tests. Every SKU starts with its stock as opening stock, so that the audit adds up."""

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from apps.areas.models import Area
from apps.goods.models import (
    SKU,
    Brand,
    Category,
    Goods,
    GoodsSpecification,
    SKUSpecification,
    SpecificationOption,
)
from apps.users.models import Address, User

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
