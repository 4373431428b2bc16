"""A shop with so many rows of everything, and the operator who looks after it."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from apps.goods.models import Channel, SKUImage, StockMovement
from apps.orders.models import OrderGoods, OrderInfo
from apps.payment.models import Payment, PaymentEvent
from apps.users.models import User
from tests.factories import (
    AddressFactory,
    GoodsSpecificationFactory,
    SKUFactory,
    SKUSpecificationFactory,
    SpecificationOptionFactory,
    UserFactory,
)


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(username="operator", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(operator: User) -> Client:
    """A browser the operator is logged in with."""
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def stock_up(operator: User) -> Callable[[int], None]:
    """Give the shop so many more rows of every kind."""

    def more(rows: int) -> None:
        for _ in range(rows):
            number = f"{OrderInfo.objects.count():024d}"
            sku = SKUFactory(default_image="skus/a.png", goods__brand__logo="brands/a.png")
            spec = GoodsSpecificationFactory(goods=sku.goods)
            option = SpecificationOptionFactory(spec=spec)
            SKUSpecificationFactory(sku=sku, option=option)
            SKUImage.objects.create(sku=sku, image="skus/b.png")
            Channel.objects.create(group_id=1, category=sku.category.parent.parent, url="/x.html")
            StockMovement.objects.create(sku=sku, change=0, reason="receipt", author=operator)
            user = AddressFactory(user__first_name="美").user
            Group.objects.create(name=f"组 {number}")
            order = place(user, number)
            line(order, sku.pk)
            payment = Payment.objects.create(
                order=order,
                provider="alipay",
                out_trade_no=number,
                trade_no=number,
                amount=order.total_amount,
                expires_at=datetime(2030, 1, 1, tzinfo=UTC),
            )
            tell(payment, number)

    return more


def place(user: User, number: str) -> OrderInfo:
    return OrderInfo.objects.create(
        order_id=number,
        user=user,
        cart_stamp=number,
        receiver="王小美",
        mobile="13900000000",
        province="北京市",
        city="北京市",
        district="东城区",
        place="和平路1号",
        total_count=1,
        total_amount=Decimal("60.00"),
        freight=Decimal("10.00"),
        pay_method=OrderInfo.PayMethod.ALIPAY,
        status=OrderInfo.Status.UNPAID,
    )


def line(order: OrderInfo, sku_id: int) -> OrderGoods:
    return OrderGoods.objects.create(
        order=order, sku_id=sku_id, name="商品", price=Decimal("50.00"), count=1
    )


def tell(payment: Payment, event_id: str) -> PaymentEvent:
    return PaymentEvent.objects.create(
        payment=payment,
        provider="alipay",
        event_id=event_id,
        kind="notice",
        status="TRADE_SUCCESS",
        amount=payment.amount,
        payload={"trade_no": "1"},
        verdict="settled",
    )
