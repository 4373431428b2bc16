"""What a buyer sees of the attempts to pay, and what a storefront draws its cashier from."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.gateways import gateway
from apps.payment.gateways.interface import Product
from apps.users.models import User
from tests.conftest import logged_in
from tests.payment.fake_gateway import Bank, FakeGateway
from tests.world import unchanged

pytestmark = pytest.mark.django_db


class TestLooking:
    def test_the_attempts_newest_first(
        self, shop: APIClient, begin: Callable, order: OrderInfo
    ) -> None:
        begin("page")
        begin("code")
        answer = shop.get(f"/api/v1/orders/{order.pk}/payments/")
        said = answer.json()
        assert [(each["out_trade_no"], each["product"]) for each in said] == [
            (f"{order.pk}02", "code"),
            (f"{order.pk}01", "page"),
        ]
        times = {name: said[0].pop(name) for name in ("create_time", "expires_at")}
        assert all(time.endswith("+08:00") for time in times.values())
        assert said[0] == {
            "out_trade_no": f"{order.pk}02",
            "provider": "fake",
            "product": "code",
            "amount": "110.00",
            "state": "pending",
            "state_text": "等待买家付款",
            "paid_at": None,
            "refunded_amount": "0.00",
        }

    def test_looking_costs_the_same_with_many_attempts(
        self, shop: APIClient, begin: Callable, order: OrderInfo
    ) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as captured:
                shop.get(f"/api/v1/orders/{order.pk}/payments/")
            return len(captured)

        begin("page")
        with_one = cost()
        for product in ("code", "app"):
            begin(product)
        assert cost() == with_one <= 3

    def test_looking_asks_nobody(self, shop: APIClient, attempt: str, bank: Bank) -> None:
        bank.calls.clear()
        with unchanged():
            assert shop.get(attempt).json()["state"] == "pending"
        assert bank.calls == []

    def test_i_have_paid(self, shop: APIClient, attempt: str, order: OrderInfo, bank: Bank) -> None:
        bank.pay(f"{order.pk}01")
        said = shop.put(f"{attempt}status/").json()
        assert (said["state"], said["state_text"]) == ("succeeded", "已支付")
        assert said["paid_at"].endswith("+08:00")
        assert shop.get(attempt).json() == said
        order.refresh_from_db()
        assert order.status == OrderInfo.Status.UNSEND
        call_command("audit")

    def test_pressed_often_it_asks_every_three_seconds(
        self, shop: APIClient, attempt: str, bank: Bank, later: Callable
    ) -> None:
        bank.calls.clear()
        for _ in range(5):
            assert shop.put(f"{attempt}status/").json()["state"] == "pending"
        assert bank.calls == ["query"]
        later(timedelta(seconds=3))
        shop.put(f"{attempt}status/")
        assert bank.calls == ["query", "query"]

    @pytest.mark.parametrize(
        "failure", [Unknown("time-out"), Rejected("NO_AUTH", "", ""), Misconfigured("app id")]
    )
    def test_a_provider_that_does_not_answer_leaves_it_as_it_was(
        self, shop: APIClient, attempt: str, bank: Bank, failure: Exception
    ) -> None:
        bank.before["query"] = [failure]
        answer = shop.put(f"{attempt}status/")
        assert (answer.status_code, answer.json()["state"]) == (200, "pending")

    def test_anothers_does_not_exist(
        self, stranger: User, shop: APIClient, attempt: str, order: OrderInfo, bank: Bank
    ) -> None:
        bank.calls.clear()
        number = f"{order.pk}01"
        elsewhere = f"/api/v1/orders/{'1' * 24}/payments"
        other = logged_in(stranger)
        with unchanged():
            answers = [
                other.get(f"/api/v1/orders/{order.pk}/payments/"),
                other.get(attempt),
                other.put(f"{attempt}status/"),
                shop.get(f"{elsewhere}/"),
                shop.get(f"{elsewhere}/{number}/"),
                shop.put(f"{elsewhere}/{number}/status/"),
                shop.get(attempt.replace(number, f"{order.pk}09")),
            ]
        assert [answer.status_code for answer in answers] == [404] * 7
        assert bank.calls == []


class TestOnOffer:
    def test_what_a_cashier_is_drawn_from(self, api: APIClient, settings: Any, bank: Bank) -> None:
        settings.PAYMENT_GATEWAYS = {"fake": settings.PAYMENT_GATEWAYS["fake"]}
        answer = api.get("/api/v1/payment/providers/")
        assert answer.json() == [
            {
                "provider": "fake",
                "name": "假银行",
                "products": [
                    {"product": "page", "form": "url", "needs": []},
                    {"product": "code", "form": "qr", "needs": []},
                    {"product": "app", "form": "params", "needs": []},
                    {"product": "person", "form": "params", "needs": ["openid"]},
                ],
            }
        ]
        assert answer["Cache-Control"] == "public, max-age=300"

    def test_what_we_see_ourselves_is_not_asked_for(
        self, api: APIClient, settings: Any, bank: Bank, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.PAYMENT_GATEWAYS = {"fake": settings.PAYMENT_GATEWAYS["fake"]}
        h5 = Product("url", needs=frozenset({"client_ip"}))
        monkeypatch.setattr(FakeGateway, "products", {"h5": h5})
        said = api.get("/api/v1/payment/providers/").json()
        assert said[0]["products"] == [{"product": "h5", "form": "url", "needs": []}]

    def test_the_providers_of_the_settings(self, api: APIClient, settings: Any) -> None:
        said = api.get("/api/v1/payment/providers/").json()
        assert [each["provider"] for each in said] == list(settings.PAYMENT_GATEWAYS)

    @pytest.mark.parametrize(
        ("language", "names"),
        [("zh-hans", ["支付宝", "微信支付"]), ("en", ["Alipay", "WeChat Pay"])],
    )
    def test_each_reads_their_names(self, api: APIClient, language: str, names: list[str]) -> None:
        answer = api.get("/api/v1/payment/providers/", headers={"Accept-Language": language})
        assert [each["name"] for each in answer.json()] == names
        assert "Accept-Language" in answer["Vary"]

    def test_one_whose_keys_do_not_read_hides_no_other(
        self, api: APIClient, bank: Bank, settings: Any, tmp_path: Path
    ) -> None:
        settings.ALIPAY = settings.ALIPAY | {"app_private_key": tmp_path / "missing.pem"}
        gateway.cache_clear()
        answer = api.get("/api/v1/payment/providers/")
        assert answer.status_code == 200
        names = [each["provider"] for each in answer.json()]
        assert names == [name for name in settings.PAYMENT_GATEWAYS if name != "alipay"]
        assert "fake" in names
