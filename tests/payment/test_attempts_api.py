"""How a buyer starts to pay, by every form there is."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.gateways.interface import Offer, Product
from apps.payment.models import Payment
from apps.users.models import User
from tests.conftest import logged_in
from tests.payment.fake_gateway import Bank, FakeGateway
from tests.world import unchanged

pytestmark = pytest.mark.django_db

ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")
NO_OPENIDS = [
    "o\n",
    "\no",
    "o o",
    "o\x00",
    "o\u2028",
    "支付",
    "٣",
    "o" * 129,
    '"}',
    None,
    1.5,
    ["o"],
    {},
]


class TestStart:
    def test_an_address_to_open(self, begin: Callable, order: OrderInfo) -> None:
        answer = begin("page")
        assert answer.status_code == 201
        said = answer.json()
        assert ISO_TIME.fullmatch(said.pop("expires_at"))
        assert said == {
            "out_trade_no": f"{order.pk}01",
            "provider": "fake",
            "product": "page",
            "amount": "110.00",
            "form": "url",
            "url": f"https://bank.example/pay?no={order.pk}01&amount=110.00",
        }

    def test_a_code_to_scan(self, begin: Callable, order: OrderInfo) -> None:
        said = begin("code").json()
        assert said["form"] == "qr"
        assert said["qr"].keys() == {"text", "svg"}
        assert said["qr"]["text"] == f"bank://{order.pk}01/1"
        assert not {"url", "params"} & said.keys()

    def test_parameters_for_an_app(self, begin: Callable) -> None:
        said = begin("app").json()
        assert (said["form"], said["params"]) == ("params", {"prepay": "prepay-1", "openid": ""})
        assert not {"url", "qr"} & said.keys()

    def test_for_a_person(self, begin: Callable) -> None:
        said = begin("person", openid="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o").json()
        assert said["params"]["openid"] == "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"

    def test_by_alipay(self, begin: Callable) -> None:
        said = begin("page", provider="alipay").json()
        assert said["form"] == "url"
        assert "alipay.trade.page.pay" in said["url"]

    def test_again_is_the_same_attempt(self, begin: Callable) -> None:
        assert begin("code").json() == begin("code").json()
        assert Payment.objects.count() == 1

    def test_another_way_is_another_attempt(self, begin: Callable, order: OrderInfo) -> None:
        numbers = [begin(product).json()["out_trade_no"] for product in ("page", "code")]
        assert numbers == [f"{order.pk}01", f"{order.pk}02"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("changed", "status", "code"),
        [
            ({"provider": "cash"}, 404, "unknown_provider"),
            ({"provider": "Fake"}, 404, "unknown_provider"),
            ({"product": "barter"}, 400, "unknown_product"),
            ({"product": "person"}, 400, "buyer_detail_missing"),
            ({"product": "person", "openid": ""}, 400, "buyer_detail_missing"),
            ({"provider": ""}, 400, "invalid"),
            ({"provider": None}, 400, "invalid"),
            ({"provider": "x" * 21}, 400, "invalid"),
            ({"product": ["page"]}, 400, "invalid"),
            ({"product": "a\x00b"}, 400, "invalid"),
        ],
    )
    def test_what_is_not_on_offer(
        self, begin: Callable, changed: dict, status: int, code: str
    ) -> None:
        with unchanged():
            answer = begin(**changed)
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_a_detail_that_is_missing_is_named(self, begin: Callable) -> None:
        assert begin("person").json()["message"] == "这种付款方式还需要提供：openid。"

    def test_an_openid_that_is_none(self, begin: Callable) -> None:
        with unchanged():
            answers = {repr(openid): begin("person", openid=openid) for openid in NO_OPENIDS}
        assert {openid for openid, it in answers.items() if it.status_code != 400} == set()
        assert {*answers["None"].json()["errors"]} == {"openid"}

    @pytest.mark.parametrize(
        ("changed", "reason", "sentence"),
        [
            ({"status": 2}, "paid", "该订单已支付。"),
            ({"status": 6}, "canceled", "该订单已取消。"),
            ({"status": 2, "pay_method": 1}, "cash_on_delivery", "该订单为货到付款。"),
            ({"expires_at": timezone.now()}, "expired", "该订单的支付时间已过。"),
        ],
    )
    def test_an_order_that_cannot_be_paid(
        self, begin: Callable, order: OrderInfo, changed: dict, reason: str, sentence: str
    ) -> None:
        OrderInfo.objects.update(**changed)
        with unchanged():
            answer = begin()
        assert (answer.status_code, answer.json()["code"]) == (400, "order_not_payable")
        assert (answer.json()["reason"], answer.json()["message"]) == (reason, sentence)

    def test_an_order_that_is_not_the_buyers(
        self, stranger: User, order: OrderInfo, bank: Bank
    ) -> None:
        body = {"provider": "fake", "product": "page"}
        for number in (order.pk, "1" * 24):
            with unchanged():
                answer = logged_in(stranger).post(f"/api/v1/orders/{number}/payments/", body)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_nobody(self, api: APIClient, order: OrderInfo, method: str) -> None:
        with unchanged():
            answer = getattr(api, method)(f"/api/v1/orders/{order.pk}/payments/")
        assert answer.status_code == 401

    @pytest.mark.parametrize(
        ("failure", "code"),
        [
            (Unknown("time-out"), "gateway_unknown"),
            (Rejected("NO_AUTH", "", "secret detail"), "gateway_rejected"),
            (Misconfigured("app id"), "gateway_misconfigured"),
        ],
        ids=["unknown", "rejected", "misconfigured"],
    )
    def test_a_provider_that_fails_leaves_the_attempt_to_be_led_to_again(
        self, begin: Callable, bank: Bank, failure: Exception, code: str
    ) -> None:
        bank.before["qr"] = [failure]
        answer = begin("code")
        assert (answer.status_code, answer.json()["code"]) == (502, code)
        assert "secret" not in answer.content.decode()
        said = begin("code").json()
        assert Payment.objects.get().out_trade_no == said["out_trade_no"]

    def test_an_openid_that_the_provider_refuses(
        self, begin: Callable, bank: Bank, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is the buyer's input: the operators hear nothing of it."""
        bank.before["prepay"] = [Rejected("400", "PARAM_ERROR", "…", buyer_detail="openid")]
        answer = begin("person", openid="made-up")
        assert (answer.status_code, answer.json()["code"]) == (400, "buyer_detail_refused")
        assert answer.json()["refused"] == ["openid"]
        assert [each for each in caplog.records if each.levelname == "ERROR"] == []

    def test_one_attempt_too_many(self, begin: Callable, order: OrderInfo) -> None:
        ten = [begin("person", openid=f"o-{n}") for n in range(10)]
        assert {each.status_code for each in ten} == {201}
        with unchanged():
            answer = begin("person", openid="o-10")
        assert (answer.status_code, answer.json()["code"]) == (409, "too_many_attempts")
        assert answer.json()["limit"] == 10
        # One that is open is led to all the same, and one that has ended makes room.
        assert begin("person", openid="o-9").status_code == 201
        Payment.objects.filter(opened_for="o-3").update(state=Payment.State.CLOSED)
        assert begin("person", openid="o-10").status_code == 201


class TestWhereTheBuyerIs:
    """A product that works on one device only is told the address of that device."""

    @pytest.mark.parametrize(
        ("sender", "forwarded", "told"),
        [
            ("203.0.113.9", "", "203.0.113.9"),
            ("10.0.0.9", "203.0.113.9", "203.0.113.9"),
            ("10.0.0.9", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6"),
            ("10.0.0.9", "[2001:db8::1]:443", "2001:db8::1"),
            ("10.0.0.9", "::ffff:1.2.3.4", "1.2.3.4"),
        ],
    )
    def test_it_is_told(
        self,
        begin: Callable,
        shop: APIClient,
        settings: Any,
        monkeypatch: pytest.MonkeyPatch,
        sender: str,
        forwarded: str,
        told: str,
    ) -> None:
        settings.TRUSTED_PROXIES = int(bool(forwarded))
        shop.defaults |= {"REMOTE_ADDR": sender, "HTTP_X_FORWARDED_FOR": forwarded}
        h5 = Product("url", needs=frozenset({"client_ip"}))
        monkeypatch.setitem(FakeGateway.products, "h5", h5)
        monkeypatch.setattr(FakeGateway, "page_url", lambda self, offer: ip_in(offer))
        assert begin("h5").json()["url"] == f"https://bank.example/{told}"

    @pytest.mark.parametrize("sender", ["", "unix:", "nowhere"])
    def test_unknown_it_is_refused(
        self,
        begin: Callable,
        shop: APIClient,
        monkeypatch: pytest.MonkeyPatch,
        sender: str,
    ) -> None:
        shop.defaults |= {"REMOTE_ADDR": sender}
        h5 = Product("url", needs=frozenset({"client_ip"}))
        monkeypatch.setitem(FakeGateway.products, "h5", h5)
        with unchanged():
            answer = begin("h5")
        assert (answer.status_code, answer.json()["missing"]) == (400, ["client_ip"])


def ip_in(offer: Offer) -> str:
    return f"https://bank.example/{offer.client_ip}"
