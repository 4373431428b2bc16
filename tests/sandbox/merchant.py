"""A merchant who signs and verifies with ``cryptography``: a second opinion on every signature."""

from __future__ import annotations

import base64
import functools
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox import clock, signing
from sandbox.config import Config

APP_ID = "2021000000000001"
SELLER_ID = "2088000000000001"
START = datetime(2026, 3, 4, 12, 0, 0, tzinfo=clock.BEIJING)
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
        order = {
            "out_trade_no": "202603041200000000010001",
            "total_amount": "99.90",
            "subject": "手机 一台",
            "product_code": "FAST_INSTANT_TRADE_PAY",
            "time_expire": clock.beijing_text(START + timedelta(minutes=30)),
            **biz,
        }
        order = {name: value for name, value in order.items() if value is not None}
        return self.request(
            "alipay.trade.page.pay", order, notify_url=notify_url, return_url=return_url
        )

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
    return Config(
        app_id=APP_ID,
        seller_id=SELLER_ID,
        app_public_key=load_key(merchant_public),
        private_key=load_key(provider_private),
        **values,
    )


def url_of(params: dict[str, str]) -> str:
    return f"/gateway.do?{urlencode(params)}"


def query_of(url: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    assert len(pairs) == len(dict(pairs))
    return dict(pairs)
