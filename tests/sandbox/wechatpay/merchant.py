"""A WeChat Pay merchant who signs, verifies and decrypts with ``cryptography``: a second opinion."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.sandbox.merchant import START, Clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from sandbox.ledger.records import Refund, Trade

MCHID = "1900000001"
APPID = "wx0000000000000001"
PUBLIC_KEY_ID = "PUB_KEY_ID_0000000000000000000000000000000001"
APIV3_KEY = "0123456789abcdefghijKLMNOPQRSTUV"
MERCHANT_SERIAL = 0x3775B6A45ACD588826D15E583A95F5DD12345678
PLATFORM_SERIAL = 0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1
NUMBER = "202603041200000000010001"
# Refuses every connection at once: for tests that are not about notices.
NOWHERE = "http://127.0.0.1:9/notify/"
NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"


@dataclass(frozen=True)
class Merchant:
    """Knows its own private key and what WeChat Pay's console shows, nothing else of the sandbox.

    ``serial`` goes out as ``Wechatpay-Serial``; without one, the platform certificate answers.
    """

    private_key: rsa.RSAPrivateKey
    provider_keys: Mapping[str, rsa.RSAPublicKey]
    now: Clock = field(default_factory=Clock)
    serial: str = PUBLIC_KEY_ID

    def asking_for(self, serial: str) -> Merchant:
        return replace(self, serial=serial)

    def headers(
        self, method: str, target: str, body: bytes = b"", **changes: str
    ) -> dict[str, str]:
        """Those of one request, as a merchant's client sends them."""
        values = {
            "mchid": MCHID,
            "nonce_str": NONCE,
            "timestamp": str(int(self.now().timestamp())),
            "serial_no": f"{MERCHANT_SERIAL:X}",
            **changes,
        }
        head = f"{method}\n{target}\n{values['timestamp']}\n{values['nonce_str']}\n"
        values.setdefault("signature", self.sign(head.encode() + body + b"\n"))
        pairs = ",".join(f'{name}="{value}"' for name, value in values.items())
        headers = {
            "Authorization": f"WECHATPAY2-SHA256-RSA2048 {pairs}",
            "Accept": "application/json",
            "User-Agent": "shop/1.0",
        }
        if self.serial:
            headers["Wechatpay-Serial"] = self.serial
        if method == "POST":
            headers["Content-Type"] = "application/json"
        return headers

    def sign(self, text: bytes) -> str:
        raw = self.private_key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return base64.b64encode(raw).decode()

    def get(self, client: FlaskClient, target: str) -> TestResponse:
        return client.get(target, headers=self.headers("GET", target))

    def post(self, client: FlaskClient, target: str, values: Any) -> TestResponse:
        body = json.dumps(values, ensure_ascii=False).encode()
        return client.post(target, data=body, headers=self.headers("POST", target, body))

    def asked(self, client: FlaskClient, target: str) -> Any:
        """What a GET told, once its signature has been checked."""
        return self.told(self.get(client, target))

    def ordered(self, client: FlaskClient, target: str, values: Any) -> Any:
        """What a POST told, once its signature has been checked."""
        return self.told(self.post(client, target, values))

    def told(self, response: TestResponse) -> Any:
        assert response.status_code == 200, response.text
        assert self.believes(response.headers, response.data)
        return response.get_json()

    def believes(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the provider signed exactly these bytes, with the key it says."""
        head = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n"
        try:
            self.provider_keys[headers["Wechatpay-Serial"]].verify(
                base64.b64decode(headers["Wechatpay-Signature"], validate=True),
                head.encode() + body + b"\n",
                padding.PKCS1v15(),
                hashes.SHA256(),
            )
        except (InvalidSignature, ValueError):
            return False
        return headers["Wechatpay-Signature-Type"] == "WECHATPAY2-SHA256-RSA2048"

    def opened(self, resource: Mapping[str, str]) -> bytes:
        """What was sealed with the APIv3 key."""
        assert resource["algorithm"] == "AEAD_AES_256_GCM"
        return AESGCM(APIV3_KEY.encode()).decrypt(
            resource["nonce"].encode(),
            base64.b64decode(resource["ciphertext"], validate=True),
            resource["associated_data"].encode(),
        )


def refused(response: TestResponse) -> tuple[int, str, str]:
    """Status, code and message of an answer that must not be signed."""
    assert not [name for name, _ in response.headers if name.startswith("Wechatpay-")]
    body = response.get_json()
    assert set(body) == {"code", "message"}
    return response.status_code, body["code"], body["message"]


@dataclass(frozen=True)
class Booked:
    """A trade as it stands, without how far its notices have come."""

    trade: Trade
    refunds: list[Refund]
    events: list[str]


def books(app: Flask) -> list[Booked]:
    """All that the sandbox's ledger holds, newest first."""
    return [
        Booked(entry.trade, entry.refunds, [notice.event_id for notice in entry.notices])
        for entry in app.extensions["sandbox"].ledger.recent(100)
    ]


def switch_on(client: FlaskClient, name: str, **scope: Any) -> int:
    """The number of a switch that acts on WeChat Pay only."""
    response = client.post("/faults", json={"name": name, "provider": "wechatpay", **scope})
    assert response.status_code == 201, response.text
    return int(response.get_json()["id"])


def order(**changes: Any) -> dict[str, Any]:
    """What a merchant sends to be paid 99.90 yuan; a change to None takes a field away."""
    values = {
        "appid": APPID,
        "mchid": MCHID,
        "description": "手机, 一台",
        "out_trade_no": NUMBER,
        "time_expire": (START + timedelta(minutes=30)).isoformat(),
        "notify_url": NOWHERE,
        "amount": {"total": 9990, "currency": "CNY"},
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}
