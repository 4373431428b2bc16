"""The keys of a merchant and of "WeChat Pay", made once in a run."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

PUBLIC_KEY_ID = "PUB_KEY_ID_0000000000000000000000000000000001"
APIV3_KEY = "0123456789abcdefGHIJKLMNOPQRSTUV"


@dataclass(frozen=True)
class WechatPayKeys:
    """``public`` signs under the id of the public key, ``platform`` under the serial of its certificate."""

    merchant: RSAPrivateKey
    merchant_certificate: x509.Certificate
    public: RSAPrivateKey
    platform: RSAPrivateKey
    platform_certificate: x509.Certificate

    @classmethod
    def new(cls) -> "WechatPayKeys":
        merchant, public, platform = new_key(), new_key(), new_key()
        return cls(merchant, certificate_of(merchant), public, platform, certificate_of(platform))

    def for_merchant(self, directory: Path) -> dict[str, Any]:
        """The settings of a merchant who has these keys in files."""
        files = {
            "merchant_private_key": pem_of(self.merchant),
            "merchant_cert": self.merchant_certificate.public_bytes(Encoding.PEM),
            "public_key": self.public.public_key().public_bytes(
                Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
            ),
        }
        for name, content in files.items():
            (directory / name).write_bytes(content)
        paths = {name: directory / name for name in files}
        return {**paths, "public_key_id": PUBLIC_KEY_ID, "apiv3_key": APIV3_KEY}


def new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def certificate_of(
    key: RSAPrivateKey, *, since: datetime | None = None, days: int = 1825
) -> x509.Certificate:
    """Signed by itself, good for ``days`` since a year ago."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "WeChat Pay's stand-in")])
    start = since or datetime.now(UTC) - timedelta(days=365)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
