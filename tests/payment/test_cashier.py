"""The link to the cashier page."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from apps.payment.models import Payment
from apps.users.models import User
from sandbox.alipay import signing
from tests.conftest import logged_in
from tests.payment.conftest import asked_for
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def test_it_asks_for_what_the_order_costs(order: OrderInfo, pay_link: str) -> None:
    payment = order.payments.get()
    asked = asked_for(pay_link)
    content = signing.json.loads(asked["biz_content"])
    assert pay_link.startswith(settings.ALIPAY["gateway_url"] + "?")
    assert (asked["method"], asked["sign_type"]) == ("alipay.trade.page.pay", "RSA2")
    assert asked["notify_url"].endswith("/api/v1/payment/alipay/notify/")
    assert content["total_amount"] == "110.00"
    assert content["out_trade_no"] == payment.out_trade_no == f"{order.pk}01"
    assert content["product_code"] == "FAST_INSTANT_TRADE_PAY"
    assert not set(content["subject"]) & set("/=&")
    # Beijing's clock, whatever the process's is.
    local = payment.expires_at.astimezone(signing.beijing_text.__globals__["BEIJING"])
    assert content["time_expire"] == local.strftime("%Y-%m-%d %H:%M:%S")
    assert len(asked["sign"]) == 344


def test_another_implementation_makes_the_same_signature(pay_link: str) -> None:
    """RSA2 by the book (sorted, unencoded, sign_type kept), signed by a library the shop does not sign with."""
    asked = asked_for(pay_link)
    sign = asked.pop("sign")
    text = "&".join(f"{name}={value}" for name, value in sorted(asked.items()))
    key = load_pem_private_key(settings.ALIPAY["app_private_key"].read_bytes(), password=None)
    again = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert signing.base64.b64encode(again).decode() == sign


def test_asked_again_it_leads_to_the_same_attempt(
    shop: APIClient, order: OrderInfo, pay_link: str
) -> None:
    again = shop.get(f"/api/v1/orders/{order.pk}/payment/").json()["alipay_url"]
    assert asked_for(again)["biz_content"] == asked_for(pay_link)["biz_content"]
    assert Payment.objects.count() == 1


def test_it_is_open_as_long_as_its_order(shop: APIClient, order: OrderInfo, pay_link: str) -> None:
    assert order.payments.get().expires_at == order.expires_at


@pytest.mark.parametrize("closed_at", [timedelta(minutes=1), timedelta(), timedelta(days=-1)])
def test_an_order_with_less_than_a_minute_left(
    shop: APIClient, order: OrderInfo, later: Callable, closed_at: timedelta
) -> None:
    """The providers want a minute at least, and a link that ends halfway through the paying helps nobody."""
    later(order.expires_at - timezone.now() - closed_at)
    with unchanged():
        answer = shop.get(f"/api/v1/orders/{order.pk}/payment/")
    assert (answer.status_code, answer.json()["code"]) == (400, "order_not_payable")


def test_numbers_fit_both_providers(order: OrderInfo, pay_link: str) -> None:
    assert re.fullmatch(r"\d{26}", order.payments.get().out_trade_no)


@pytest.mark.parametrize(
    ("status", "pay_method"),
    [(2, 2), (6, 2), (1, 1), (1, 3)],
    ids=["paid", "canceled", "cash", "wechat"],
)
def test_an_order_that_cannot_be_paid(
    shop: APIClient, order: OrderInfo, status: int, pay_method: int
) -> None:
    OrderInfo.objects.update(status=status, pay_method=pay_method)
    with unchanged():
        answer = shop.get(f"/api/v1/orders/{order.pk}/payment/")
    assert (answer.status_code, answer.json()["code"]) == (400, "order_not_payable")
    assert answer.json()["message"] == "订单信息有误"  # the contract's own


def test_another_buyers_order_is_no_order(stranger: User, order: OrderInfo) -> None:
    for number in (order.pk, "1" * 24):
        with unchanged():
            answer = logged_in(stranger).get(f"/api/v1/orders/{number}/payment/")
        assert (answer.status_code, answer.json()["code"]) == (400, "order_not_payable")
