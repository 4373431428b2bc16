from functools import partial

import pytest
from Crypto.PublicKey import RSA
from django.core.management import call_command
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from apps.payment.models import Payment, PaymentEvent
from apps.users.models import Address
from tests.conftest import logged_in
from tests.factories import AddressFactory, SKUFactory
from tests.payment.conftest import Alipay
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def order(address: Address) -> OrderInfo:
    client = logged_in(address.user)
    client.post("/api/v1/cart/", {"sku_id": SKUFactory().pk, "count": 2})
    answer = client.post("/api/v1/orders/", {"address": address.pk, "pay_method": 2})
    return OrderInfo.objects.get(pk=answer.json()["order_id"])


def test_one_pay_link_asked_for_by_eight_at_once_is_one_attempt(order: OrderInfo) -> None:
    client = logged_in(order.user)
    ask = partial(client.get, f"/api/v1/orders/{order.pk}/payment/")
    assert [answer.status_code for answer in together(*[ask] * 8)] == [200] * 8
    assert Payment.objects.count() == 1


def test_the_same_notice_twenty_times_at_once_counts_once(
    order: OrderInfo, provider_key: RSA.RsaKey
) -> None:
    logged_in(order.user).get(f"/api/v1/orders/{order.pk}/payment/")
    alipay = Alipay(provider_key, APIClient())
    notice = alipay.notice(order)
    answers = together(*[partial(alipay.post, notice)] * 20)
    assert [answer.content for answer in answers] == [b"success"] * 20
    assert PaymentEvent.objects.get().verdict == "settled"
    call_command("audit")


def test_twenty_units_added_at_once_are_twenty(address: Address) -> None:
    sku = SKUFactory(stock=15)
    client = logged_in(address.user)
    add = partial(client.post, "/api/v1/cart/", {"sku_id": sku.pk, "count": 1})
    codes = sorted(answer.status_code for answer in together(*[add] * 20))
    assert codes == [201] * 15 + [409] * 5
    assert client.get("/api/v1/cart/").json()[0]["count"] == 15


def test_the_last_place_in_the_address_book_is_given_once(address: Address) -> None:
    for _ in range(Address.LIMIT - 6):
        AddressFactory(user=address.user)
    client = logged_in(address.user)
    new = {
        "title": "公司",
        "receiver": "王小美",
        "province_id": address.province_id,
        "city_id": address.city_id,
        "district_id": address.district_id,
        "place": "和平路2号",
        "mobile": "13900000000",
    }
    add = partial(client.post, "/api/v1/addresses/", new)
    codes = sorted(answer.status_code for answer in together(*[add] * 12))
    assert codes == [201] * 5 + [400] * 7
    assert Address.objects.live().count() == Address.LIMIT
