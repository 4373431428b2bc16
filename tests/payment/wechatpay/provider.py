"""WeChat Pay's side of the wire, by other means than the shop's: pycryptodome instead of cryptography."""

import base64
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from apps.payment.gateways.interface import Notice
from tests.wechatpay_keys import APIV3_KEY, PUBLIC_KEY_ID, WechatPayKeys, pem_of

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PAIR = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Signer:
    """One of the keys with which WeChat Pay signs, and the name that goes into the header."""

    key: RSA.RsaKey
    serial: str

    def sign(self, text: bytes) -> str:
        return base64.b64encode(pkcs1_15.new(self.key).sign(SHA256.new(text))).decode()

    def headers(self, body: bytes, *, at: datetime) -> dict[str, str]:
        timestamp, nonce = str(int(at.timestamp())), secrets.token_hex(16)
        text = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        return {
            "wechatpay-serial": self.serial,
            "wechatpay-timestamp": timestamp,
            "wechatpay-nonce": nonce,
            "wechatpay-signature": self.sign(text),
            "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
        }


def public_signer(keys: WechatPayKeys) -> Signer:
    return Signer(RSA.import_key(pem_of(keys.public)), PUBLIC_KEY_ID)


def platform_signer(keys: WechatPayKeys) -> Signer:
    serial = f"{keys.platform_certificate.serial_number:X}"
    return Signer(RSA.import_key(pem_of(keys.platform)), serial)


def sealed(content: bytes, *, associated_data: str, key: str = APIV3_KEY) -> dict[str, str]:
    nonce = secrets.token_hex(6)
    cipher = AES.new(key.encode(), AES.MODE_GCM, nonce=nonce.encode())
    cipher.update(associated_data.encode())
    text, tag = cipher.encrypt_and_digest(content)
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(text + tag).decode(),
        "nonce": nonce,
        "associated_data": associated_data,
    }


def certificates(*given: x509.Certificate, key: str = APIV3_KEY) -> dict[str, Any]:
    """The answer of /v3/certificates."""
    return {
        "data": [
            {
                "serial_no": f"{each.serial_number:X}",
                "effective_time": each.not_valid_before_utc.isoformat(),
                "expire_time": each.not_valid_after_utc.isoformat(),
                "encrypt_certificate": sealed(
                    each.public_bytes(Encoding.PEM), associated_data="certificate", key=key
                ),
            }
            for each in given
        ]
    }


def transaction(**changed: Any) -> dict[str, Any]:
    """A paid trade of 110.00, as queries and notices tell it; None takes a field away."""
    fields = {
        "appid": "wx0000000000000001",
        "mchid": "1900000001",
        "out_trade_no": "2026112300000000000000000101",
        "transaction_id": "4200002026112300000000000001",
        "trade_type": "NATIVE",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "attach": "",
        "success_time": "2026-11-23T11:59:30+08:00",
        "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        "amount": {
            "total": 11000,
            "payer_total": 11000,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
        **changed,
    }
    return {name: value for name, value in fields.items() if value is not None}


def refund(**changed: Any) -> dict[str, Any]:
    """A refund of 10.01 of 110.00, as answers tell it; None takes a field away."""
    fields = {
        "refund_id": "50000000382019052709732678859",
        "out_refund_no": "R2026112300000001",
        "transaction_id": "4200002026112300000000000001",
        "out_trade_no": "2026112300000000000000000101",
        "status": "SUCCESS",
        "success_time": "2026-11-23T11:59:40+08:00",
        "user_received_account": "支付用户零钱",
        "amount": {"total": 11000, "refund": 1001, "payer_total": 11000, "payer_refund": 1001},
        **changed,
    }
    return {name: value for name, value in fields.items() if value is not None}


def refund_notice_fields(**changed: Any) -> dict[str, Any]:
    """The same as notices tell it: other names, and the merchant's number."""
    status = changed.pop("refund_status", "SUCCESS")
    return refund(**{"status": None, "refund_status": status, "mchid": "1900000001", **changed})


def envelope(resource: Mapping[str, Any], /, **changed: Any) -> dict[str, Any]:
    kind = "refund" if "refund_status" in resource else "transaction"
    event_type = (
        f"REFUND.{resource['refund_status']}" if kind == "refund" else "TRANSACTION.SUCCESS"
    )
    content = json.dumps(resource).encode()
    return {
        "id": "EV-2018022511223320873",
        "create_time": "2026-11-23T11:59:31+08:00",
        "resource_type": "encrypt-resource",
        "event_type": event_type,
        "summary": "支付成功",
        "resource": {**sealed(content, associated_data=kind), "original_type": kind},
        **changed,
    }


def notice(
    content: Mapping[str, Any], signer: Signer, *, signed_at: datetime = NOW, at: datetime = NOW
) -> Notice:
    body = json.dumps(content, ensure_ascii=False).encode()
    return Notice(signer.headers(body, at=signed_at), body, at)


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return json.loads(self.body)

    @property
    def signed(self) -> dict[str, str]:
        """The pairs of the Authorization header."""
        scheme, _, pairs = self.headers["authorization"].partition(" ")
        assert scheme == "WECHATPAY2-SHA256-RSA2048"
        assert ", " not in pairs
        return dict(PAIR.findall(pairs))

    def is_signed_by(self, certificate: x509.Certificate) -> bool:
        signed = self.signed
        text = f"{self.method}\n{self.target}\n{signed['timestamp']}\n{signed['nonce_str']}\n"
        key = RSA.import_key(certificate.public_bytes(Encoding.PEM))
        signature = base64.b64decode(signed["signature"])
        try:
            pkcs1_15.new(key).verify(SHA256.new(text.encode() + self.body + b"\n"), signature)
        except ValueError:
            return False
        return int(signed["serial_no"], 16) == certificate.serial_number


@dataclass(frozen=True)
class Planned:
    status: int
    body: bytes
    signer: Signer | None
    age: timedelta
    headers: Mapping[str, str]


@dataclass
class WeChatPay:
    """A server that answers as it was told, and remembers what it was asked."""

    signer: Signer
    requests: list[Request] = field(default_factory=list)
    planned: dict[tuple[str, str], Planned] = field(default_factory=dict)
    url: str = ""
    now: Callable[[], datetime] = lambda: NOW

    def answers(
        self,
        method: str,
        path: str,
        content: Any = None,
        *,
        status: int = 200,
        signer: Signer | None = None,
        is_signed: bool | None = None,
        age: timedelta = timedelta(0),
        **headers: str,
    ) -> None:
        """From now on; a refusal is not signed, as WeChat Pay does not. ``bytes`` go out as they are."""
        body = content if isinstance(content, bytes) else b""
        if content is not None and not isinstance(content, bytes):
            body = json.dumps(content, ensure_ascii=False).encode()
        signs = status < 300 if is_signed is None else is_signed
        by = (signer or self.signer) if signs else None
        self.planned[method, path] = Planned(status, body, by, age, headers)

    def refuses(self, method: str, path: str, status: int, code: str, message: str = "…") -> None:
        self.answers(method, path, {"code": code, "message": message}, status=status)

    def asked(self, method: str, path: str) -> list[Request]:
        return [
            each
            for each in self.requests
            if (each.method, urlsplit(each.target).path) == (method, path)
        ]

    @contextmanager
    def serve(self) -> Iterator[None]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, body)
                provider.requests.append(request)
                planned = provider.planned[self.command, urlsplit(self.path).path]
                self.send_response_only(planned.status)
                if planned.signer:
                    stamp = planned.signer.headers(planned.body, at=provider.now() - planned.age)
                    for name, value in stamp.items():
                        self.send_header(name, value)
                for name, value in planned.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                if planned.status != 204:
                    self.send_header("Content-Length", str(len(planned.body)))
                self.end_headers()
                self.wfile.write(planned.body)

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield
        server.shutdown()
        server.server_close()
