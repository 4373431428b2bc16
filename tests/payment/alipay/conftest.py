"""Alipay within the process: answers what a test has set, signed, and remembers what it was asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from Crypto.PublicKey import RSA
from django.conf import settings

from apps.payment import gateways
from apps.payment.gateways.alipay import AlipayGateway
from apps.payment.gateways.http import Answer
from apps.payment.gateways.interface import Offer, RefundOrder
from sandbox.alipay import signing

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BUYER_ID = "2088000000000099"


@dataclass
class Provider:
    """Takes the place of the gateway's HTTP client. Every question must be signed by us, or it is no test."""

    key: RSA.RsaKey
    merchant: RSA.RsaKey
    answers: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    cert_sn: str = ""

    def says(self, method: str, **node: Any) -> None:
        """The answer to a method from now on; 10000 unless another code is given."""
        self.answers[method] = {"code": "10000", "msg": "Success", **node}

    def refuses(self, method: str, sub_code: str, *, code: str = "40004") -> None:
        self.answers[method] = {
            "code": code,
            "msg": "no",
            "sub_code": sub_code,
            "sub_msg": "why",
        }

    def content(self, method: str) -> dict[str, Any]:
        """What the method was last asked about."""
        return [content for name, content in self.asked if name == method][-1]

    def request(
        self,
        verb: str,
        url: str,
        *,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        if verb == "GET":
            found = self.files.get(url)
            return Answer(404 if found is None else 200, {}, found or b"")
        assert isinstance(body, str)
        params = dict(parse_qsl(body)) | {"charset": "utf-8"}
        assert signing.verify_request(params, self.merchant.public_key())
        self.named = params
        method = params["method"]
        self.asked.append((method, json.loads(params["biz_content"])))
        return Answer(200, {}, self._signed(method).encode())

    def _signed(self, method: str) -> str:
        raw = json.dumps(self.answers[method], ensure_ascii=False, separators=(",", ":"))
        name = method.replace(".", "_") + "_response"
        parts = [f'"{name}":{raw}', f'"sign":"{signing.sign_text(raw, self.key)}"']
        if self.cert_sn:
            parts.append(f'"alipay_cert_sn":"{self.cert_sn}"')
        return "{" + ",".join(parts) + "}"


@pytest.fixture
def merchant_key() -> RSA.RsaKey:
    return RSA.import_key(settings.ALIPAY["app_private_key"].read_bytes())


@pytest.fixture
def provider(provider_key: RSA.RsaKey, merchant_key: RSA.RsaKey) -> Provider:
    return Provider(provider_key, merchant_key)


def talking_to(us: AlipayGateway, provider: Provider) -> AlipayGateway:
    return replace(us, line=replace(us.line, client=provider))


@pytest.fixture
def gateway(provider: Provider) -> AlipayGateway:
    """The gateway that the settings describe, its questions answered by ``provider``."""
    return talking_to(gateways.gateway("alipay"), provider)


def offer(product: str, **changed: Any) -> Offer:
    described: dict[str, Any] = {
        "product": product,
        "out_trade_no": "20261123120000000001000101",
        "amount": Decimal("110.00"),
        "subject": "美多商城订单 1",
        "expires_at": datetime(2026, 11, 23, 4, 30, tzinfo=UTC),
        "at": AT,
    }
    return Offer(**described | changed)


def refund_order(**changed: Any) -> RefundOrder:
    described: dict[str, Any] = {
        "out_trade_no": "1",
        "out_request_no": "1R01",
        "amount": Decimal("30.00"),
        "total_amount": Decimal("110.00"),
        "reason": "买多了",
        "at": AT,
        "payer": BUYER_ID,
    }
    return RefundOrder(**described | changed)
