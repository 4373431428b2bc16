from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import urllib3
from Crypto.PublicKey import RSA
from django.conf import settings
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from apps.payment import gateways
from apps.users.models import Address
from sandbox.alipay import signing
from sandbox.factory import create_app
from tests.factories import SKUFactory
from tests.payment.fake_gateway import Bank, lines_of
from tests.payment.sandboxes import alipay_config, on_a_socket


@pytest.fixture
def order(shop: APIClient, address: Address) -> OrderInfo:
    """The buyer's order over 110.00, to be paid by Alipay."""
    sku = SKUFactory(price="55.00")
    shop.post("/api/v1/cart/", {"sku_id": sku.pk, "count": 2})
    answer = shop.post("/api/v1/orders/", {"address": address.pk, "pay_method": 2})
    return OrderInfo.objects.get(pk=answer.json()["order_id"])


@pytest.fixture
def bank(settings: Any) -> Iterator[Bank]:
    """The other side of the provider "fake". Known by ``settings``, so that a test can change more of them."""
    bank = Bank()
    for name, value in lines_of(bank).items():
        setattr(settings, name, value)
    gateways.gateway.cache_clear()
    yield bank
    gateways.gateway.cache_clear()


@pytest.fixture
def begin(shop: APIClient, order: OrderInfo, bank: Bank) -> Callable[..., Response]:
    """Ask over HTTP to pay the order at the fake provider."""

    def post(product: str = "page", /, **changed: Any) -> Response:
        body = {"provider": "fake", "product": product} | changed
        return shop.post(f"/api/v1/orders/{order.pk}/payments/", body)

    return post


@pytest.fixture
def attempt(begin: Callable, order: OrderInfo) -> str:
    """The address of an attempt by QR code that the bank knows of."""
    number = begin("code").json()["out_trade_no"]
    return f"/api/v1/orders/{order.pk}/payments/{number}/"


@pytest.fixture
def pay_link(shop: APIClient, order: OrderInfo) -> str:
    return shop.get(f"/api/v1/orders/{order.pk}/payment/").json()["alipay_url"]


def asked_for(link: str) -> dict[str, str]:
    """What a pay link asks Alipay for."""
    return dict(parse_qsl(urlsplit(link).query))


@dataclass
class Alipay:
    """Speaks as Alipay does: signs with its key what a test wants it to say."""

    key: RSA.RsaKey
    api: APIClient
    said: dict[str, Any] = field(default_factory=dict)

    def fields(self, order: OrderInfo, **changed: Any) -> dict[str, str]:
        payment = order.payments.get()
        # Said again, it is the same.
        paid_at = payment.create_time
        about = {
            "app_id": settings.ALIPAY["app_id"],
            "seller_id": settings.ALIPAY["seller_id"],
            "out_trade_no": payment.out_trade_no,
            "trade_no": "2026112322001400000000000001",
            "total_amount": payment.amount,
            "subject": "美多商城订单",
            "notify_id": "notify-1",
            "created_at": paid_at - timedelta(minutes=1),
            "paid_at": paid_at,
        }
        signed_fields = {name: value for name, value in changed.items() if name in about}
        said = signing.notice_fields(**(about | signed_fields))
        said |= {name: str(value) for name, value in changed.items() if name not in about}
        return {name: value for name, value in said.items() if value != "None"}

    def notice(self, order: OrderInfo, **changed: Any) -> dict[str, str]:
        return signing.signed(self.fields(order, **changed), self.key)

    def post(self, notice: dict[str, str]) -> Response:
        return self.api.generic(
            "POST",
            "/api/v1/payment/alipay/notify/",
            urlencode(notice),
            content_type="application/x-www-form-urlencoded; charset=utf-8",
        )

    def tell(self, order: OrderInfo, **changed: Any) -> Response:
        """Send the signed notice that the order is paid, with some fields changed before signing."""
        return self.post(self.notice(order, **changed))


@pytest.fixture
def alipay(provider_key: RSA.RsaKey, api: APIClient) -> Alipay:
    return Alipay(provider_key, api)


@pytest.fixture
def gateway_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Point the shop at another gateway."""

    def point(url: str) -> None:
        monkeypatch.setitem(settings.ALIPAY, "gateway_url", url)
        monkeypatch.setitem(settings.ALIPAY, "connect_timeout", 1.0)
        monkeypatch.setitem(settings.ALIPAY, "read_timeout", 1.0)
        gateways.gateway.cache_clear()

    yield point
    monkeypatch.undo()
    gateways.gateway.cache_clear()


@pytest.fixture
def sandbox(
    gateway_at: Callable, provider_key: RSA.RsaKey, tmp_path: Path
) -> Iterator[Callable[[str, str], Any]]:
    """The real sandbox on a socket; call it with a pay link and a button to press."""
    config = alipay_config(tmp_path / "sandbox.sqlite3", provider_key, retry_scale=1.0)
    app = create_app(config, now=lambda: timezone.now())
    http = urllib3.PoolManager(retries=False)

    def press(link: str, action: str) -> Any:
        page = http.request("GET", link, redirect=False)
        cashier = f"{address}{page.headers['Location']}"
        return http.request(
            "POST", cashier, fields={"action": action}, encode_multipart=False, redirect=False
        )

    with on_a_socket(app) as address:
        gateway_at(f"{address}/gateway.do")
        yield press


@pytest.fixture
def answering(gateway_at: Callable) -> Iterator[Callable[..., None]]:
    """A gateway that gives every question the answer that a test has set."""
    answer: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(answer["status"])
            self.send_header("Content-Type", "text/html;charset=utf-8")
            self.end_headers()
            self.wfile.write(answer["body"])

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    gateway_at(f"http://127.0.0.1:{server.server_port}/gateway.do")

    def set_answer(body: str | bytes, *, status: int = 200) -> None:
        answer.update(body=body.encode() if isinstance(body, str) else body, status=status)

    yield set_answer
    server.shutdown()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let time pass, for the shop and the sandbox alike."""
    real, skipped = timezone.now, timedelta()

    def skip(span: timedelta) -> None:
        nonlocal skipped
        skipped += span
        monkeypatch.setattr(timezone, "now", lambda: real() + skipped)

    return skip
