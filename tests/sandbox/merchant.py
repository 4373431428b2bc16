"""A merchant who signs and verifies with ``cryptography``: a second opinion on every signature."""

from __future__ import annotations

import base64
import functools
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox import clock
from sandbox.alipay import signing
from sandbox.config import Config

if TYPE_CHECKING:
    from flask.testing import FlaskClient

APP_ID = "2021000000000001"
SELLER_ID = "2088000000000001"
START = datetime(2026, 3, 4, 12, 0, 0, tzinfo=clock.BEIJING)
PRODUCTS = {
    "page": ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
    "wap": ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
    "app": ("alipay.trade.app.pay", "QUICK_MSECURITY_PAY"),
    "qr": ("alipay.trade.precreate", "FACE_TO_FACE_PAYMENT"),
}
NUMBER = "202603041200000000010001"
RETURN_URL = "http://shop.test/pay_success.html"


# Loading a private key checks it for 30 ms; once per run is enough.
load_key = functools.lru_cache(signing.load_key)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


@dataclass(frozen=True)
class Merchant:
    """Knows its own private key and the provider's public one, and nothing else of the sandbox."""

    private_key: rsa.RSAPrivateKey
    provider_key: rsa.RSAPublicKey
    now: Clock = field(default_factory=Clock)

    def signed(self, params: dict[str, str]) -> dict[str, str]:
        text = "&".join(f"{k}={params[k]}" for k in sorted(params) if params[k] and k != "sign")
        raw = self.private_key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return {**params, "sign": base64.b64encode(raw).decode()}

    def request(self, method: str, biz: dict[str, Any] | str, **common: str) -> dict[str, str]:
        content = biz if isinstance(biz, str) else json.dumps(biz, ensure_ascii=False)
        params = {
            "app_id": APP_ID,
            "method": method,
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": clock.beijing_text(self.now()),
            "version": "1.0",
            "biz_content": content,
            **common,
        }
        return self.signed({name: value for name, value in params.items() if value})

    def page_pay(
        self, *, notify_url: str = "", return_url: str = RETURN_URL, **biz: Any
    ) -> dict[str, str]:
        return self.order("page", notify_url=notify_url, return_url=return_url, **biz)

    def order(
        self, product: str, *, notify_url: str = "", return_url: str = "", **biz: Any
    ) -> dict[str, str]:
        """A signed request to pay by page, wap, app or qr."""
        method, product_code = PRODUCTS[product]
        order = {
            "out_trade_no": NUMBER,
            "total_amount": "99.90",
            "subject": "手机 一台",
            "product_code": product_code,
            "time_expire": clock.beijing_text(START + timedelta(minutes=30)),
            **biz,
        }
        order = {name: value for name, value in order.items() if value is not None}
        return self.request(method, order, notify_url=notify_url, return_url=return_url)

    def believes(self, text: bytes, signature: str) -> bool:
        """Whether the provider signed exactly these bytes."""
        try:
            self.provider_key.verify(
                base64.b64decode(signature), text, padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return False
        return True

    def believes_form(self, fields: dict[str, str]) -> bool:
        """Whether a notice or a return is the provider's."""
        told = {k: v for k, v in fields.items() if k not in {"sign", "sign_type"}}
        text = "&".join(f"{k}={told[k]}" for k in sorted(told))
        return fields["sign_type"] == "RSA2" and self.believes(text.encode(), fields["sign"])


def config_for(keys: tuple[str, str], **values: Any) -> Config:
    merchant_public, provider_private = keys
    about: dict[str, Any] = {
        "app_id": APP_ID,
        "seller_id": SELLER_ID,
        "app_public_key": load_key(merchant_public),
        "private_key": load_key(provider_private),
    }
    return Config(**(about | values))


def url_of(params: dict[str, str]) -> str:
    return f"/gateway.do?{urlencode(params)}"


def query_of(url: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    assert len(pairs) == len(dict(pairs))
    return dict(pairs)


def ask(client: FlaskClient, params: dict[str, str]) -> dict[str, Any]:
    response = client.get(url_of(params))
    assert response.status_code == 200
    body: dict[str, Any] = response.get_json()
    return body


def call(client: FlaskClient, merchant: Merchant, method: str, **biz: Any) -> dict[str, Any]:
    """The answer's node, once its signature over the raw bytes has been checked."""
    response = client.post("/gateway.do", data=merchant.request(method, biz))
    assert response.status_code == 200
    name = method.replace(".", "_") + "_response"
    prefix = f'{{"{name}":'
    text = response.get_data(as_text=True)
    assert text.startswith(prefix)
    node, end = json.JSONDecoder().raw_decode(text, len(prefix))
    assert merchant.believes(text[len(prefix) : end].encode(), response.get_json()["sign"])
    assert set(response.get_json()) == {name, "sign"}
    return dict(node)


def pay(client: FlaskClient, merchant: Merchant, **values: Any) -> str:
    """A buyer opens the page and pays; returns the cashier's address."""
    cashier: str = client.get(url_of(merchant.page_pay(**values))).location
    assert client.post(cashier, data={"action": "pay"}).status_code in {200, 302}
    return cashier
