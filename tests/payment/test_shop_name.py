"""SHOP_NAME is the only place where the shop's name stands. (Above the admin it is read when the process starts.)"""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from apps.payment.gateways.wechatpay.orders import MOST_OF_DESCRIPTION
from apps.users.tasks import send_verification_mail
from sandbox.alipay import signing
from tests.payment.conftest import asked_for

pytestmark = pytest.mark.django_db
LONGEST = "店" * 26


@pytest.fixture(autouse=True)
def name(settings: Any) -> None:
    settings.SHOP_NAME = LONGEST


def test_at_the_cashiers(order: OrderInfo, begin: Callable) -> None:
    """With the order's number behind it, wherever it is cut."""
    url = begin("page", provider="alipay").json()["url"]
    subject = signing.json.loads(asked_for(url)["biz_content"])["subject"]
    assert subject == f"{LONGEST}订单 {order.pk}"
    assert len(subject.encode()) <= MOST_OF_DESCRIPTION


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_in_mails(language: str) -> None:
    send_verification_mail("buyer@example.com", "https://shop.example/", language)
    assert LONGEST in mail.outbox[0].body


@pytest.mark.parametrize("page", ["pay_success.html", "success_verify_email.html"])
def test_on_pages(api: APIClient, page: str) -> None:
    assert f"· {LONGEST}</title>" in api.get(f"/{page}").content.decode()
