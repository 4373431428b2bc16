"""WECHATPAY2-SHA256-RSA2048 and AEAD_AES_256_GCM, the way WeChat Pay does them.

Two texts are signed (SHA256withRSA, PKCS#1 v1.5, Base64 on one line), each line ended by a line
feed, the last one too:

- a merchant's request: method, path with its query as sent, seconds, nonce, body as sent;
- an answer or a notice of the provider: seconds, nonce, body as sent.

The functions here are pure, so a test of the shop can sign a notice as the provider does::

    resource = sealed(b'{"trade_state":"SUCCESS"...}', key=apiv3_key, associated_data="transaction")
    headers = signature_headers(body, Signer(key, "PUB_KEY_ID_..."), at=1772596800)
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.Signature import pkcs1_15

if TYPE_CHECKING:
    from Crypto.PublicKey.RSA import RsaKey

SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"
CIPHER = "AEAD_AES_256_GCM"
TAG_BYTES = 16
NONCE_BYTES = 12


@dataclass(frozen=True)
class Signer:
    """A private key and the name by which merchants find its public half."""

    key: RsaKey = field(repr=False)  # its repr would print the private exponent
    serial: str


def request_text(*, method: str, target: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What a merchant signs; ``target`` is path and query as they stood in the request line."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_text(*, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What the provider signs, for answers and notices alike."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def sign(text: bytes, key: RsaKey) -> str:
    return base64.b64encode(pkcs1_15.new(key).sign(SHA256.new(text))).decode("ascii")


def is_signed(text: bytes, signature: str, key: RsaKey) -> bool:
    """Whether ``signature``, in strict Base64, was made over ``text``."""
    try:
        pkcs1_15.new(key).verify(SHA256.new(text), base64.b64decode(signature, validate=True))
    except ValueError:  # not Base64, or not this key's signature over this text
        return False
    return True


def signature_headers(body: bytes, signer: Signer, *, at: int) -> dict[str, str]:
    """The headers of an answer or a notice; ``at`` is in seconds since the epoch."""
    timestamp, nonce = str(at), new_nonce()
    text = answer_text(timestamp=timestamp, nonce=nonce, body=body)
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": sign(text, signer.key),
        "Wechatpay-Serial": signer.serial,
        "Wechatpay-Signature-Type": SIGNATURE_TYPE,
    }


def sealed(plain: bytes, *, key: bytes, associated_data: str) -> dict[str, str]:
    """The encrypted form of a notice's resource or a certificate, under the APIv3 key."""
    nonce = secrets.token_hex(NONCE_BYTES // 2)
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce.encode(), mac_len=TAG_BYTES)
    cipher.update(associated_data.encode())
    ciphertext, tag = cipher.encrypt_and_digest(plain)
    return {
        "algorithm": CIPHER,
        "ciphertext": base64.b64encode(ciphertext + tag).decode("ascii"),
        "nonce": nonce,
        "associated_data": associated_data,
    }


def new_nonce() -> str:
    """32 hexadecimal digits, as WeChat Pay's own."""
    return secrets.token_hex(16).upper()
