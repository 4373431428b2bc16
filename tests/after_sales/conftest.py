"""Orders that were paid in hand, so that refunds succeed at once, and who decides about them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.after_sales.models import AfterSale
from apps.goods.models import SKU
from apps.orders.models import OrderGoods, OrderInfo
from apps.payment.services import settle_cash
from apps.users.models import User
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory

PATH = "/api/v1/after_sales/"
Status = OrderInfo.Status


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(username="operator", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(operator: User) -> Client:
    """A browser the operator is logged in with."""
    client = Client()
    client.force_login(operator)
    return client


def paid_order(buyer: User, operator: User, status: Status = Status.UNCOMMENT) -> OrderInfo:
    """Three units at 50.00 of one SKU and one of another: 200.00, paid in cash."""
    three, one = SKUFactory(), SKUFactory()
    order: OrderInfo = OrderInfoFactory(user=buyer, skus=[three, one], status=status)
    OrderGoods.objects.filter(order=order, sku=three).update(count=3)
    SKU.objects.filter(pk=three.pk).update(
        sales=F("sales") + 2, opening_stock=F("opening_stock") + 2
    )
    OrderInfo.objects.filter(pk=order.pk).update(
        total_count=4, total_amount=F("total_amount") + 2 * three.price
    )
    order.refresh_from_db()
    settle_cash(order.pk, by=operator)
    return order


@pytest.fixture
def order(buyer: User, operator: User) -> OrderInfo:
    return paid_order(buyer, operator)


@pytest.fixture
def waiting(buyer: User, operator: User) -> OrderInfo:
    """One that is to be shipped."""
    return paid_order(buyer, operator, Status.UNSEND)


@pytest.fixture
def line(order: OrderInfo) -> OrderGoods:
    """The one of three units."""
    return order.skus.get(count=3)


@pytest.fixture
def ask(shop: APIClient, order: OrderInfo, line: OrderGoods) -> Callable[..., Response]:
    """Ask over HTTP; for one unit back, if nothing else is said."""

    def post(count: int = 1, **changed: Any) -> Response:
        asked = {
            "order_id": order.pk,
            "kind": "return",
            "reason": "damaged",
            "words": "屏幕有划痕",
            "lines": [{"line": line.pk, "count": count}],
        }
        return shop.post(PATH, asked | changed, format="json")

    return post


@pytest.fixture
def cancellation(shop: APIClient, waiting: OrderInfo) -> AfterSale:
    asked = {"order_id": waiting.pk, "kind": "cancel", "reason": "changed_mind"}
    return AfterSale.objects.get(pk=shop.post(PATH, asked, format="json").json()["id"])


@pytest.fixture
def returned(ask: Callable) -> AfterSale:
    """The request for one unit back."""
    return AfterSale.objects.get(pk=ask().json()["id"])
