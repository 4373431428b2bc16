"""RSA as both providers sign: SHA-256, PKCS#1 v1.5, Base64 on one line. Pure; its callers have parsed the keys."""

import base64
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

PADDING, DIGEST = PKCS1v15(), SHA256()


def sign(content: bytes, key: RSAPrivateKey) -> str:
    return base64.b64encode(key.sign(content, PADDING, DIGEST)).decode()


def is_signed(content: bytes, signature: str, keys: Iterable[RSAPublicKey]) -> bool:
    """Whether one of the keys signed these very bytes. Base64 with anything besides is no signature."""
    try:
        raw = strict_base64(signature)
    except ValueError:
        return False
    return any(_is_by(key, raw, content) for key in keys)


def strict_base64(text: str) -> bytes:
    """What the text says, which must be the one way of writing it. Raises ValueError."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("Not the canonical Base64 of anything")
    return raw


def _is_by(key: RSAPublicKey, signature: bytes, content: bytes) -> bool:
    try:
        key.verify(signature, content, PADDING, DIGEST)
    except InvalidSignature:
        return False
    return True
