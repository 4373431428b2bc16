"""Who we are at WeChat Pay, and the keys for it, read from the settings once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from apps.payment.exceptions import Misconfigured
from apps.payment.gateways import pem

APIV3_KEY_BYTES = 32


@dataclass(frozen=True)
class Account:
    """One merchant. ``serial`` is that of the certificate of ``key``, in hex, as the console shows it."""

    mchid: str
    app_id: str
    serial: str
    key: RSAPrivateKey = field(repr=False)
    apiv3_key: bytes = field(repr=False)
    public_key: RSAPublicKey | None
    public_key_id: str

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> "Account":
        """Raises Misconfigured, which says what is missing or does not fit together."""
        key = pem.private_key(
            config["merchant_private_key"], setting="WECHATPAY_MERCHANT_PRIVATE_KEY"
        )
        certificate = _certificate(config["merchant_cert"])
        if certificate.public_key() != key.public_key():
            raise Misconfigured(
                f"WECHATPAY_MERCHANT_CERT {config['merchant_cert']} is not the certificate of "
                f"WECHATPAY_MERCHANT_PRIVATE_KEY {config['merchant_private_key']}."
            )
        apiv3_key = config["apiv3_key"].encode()
        if len(apiv3_key) != APIV3_KEY_BYTES:
            raise Misconfigured(
                f"WECHATPAY_APIV3_KEY has {len(apiv3_key)} bytes, and must have {APIV3_KEY_BYTES}."
            )
        public_key_id = config["public_key_id"]
        return cls(
            mchid=config["mchid"],
            app_id=config["app_id"],
            serial=f"{certificate.serial_number:X}",
            key=key,
            apiv3_key=apiv3_key,
            public_key=_public_key(config["public_key"]) if public_key_id else None,
            public_key_id=public_key_id,
        )


def _certificate(path: Path) -> x509.Certificate:
    setting = "WECHATPAY_MERCHANT_CERT"
    try:
        return x509.load_pem_x509_certificate(pem.content(path, setting=setting))
    except ValueError as exc:
        raise Misconfigured(f"{setting}: {path} is no certificate in PEM form.") from exc


def _public_key(path: Path) -> RSAPublicKey:
    return pem.public_key(path, setting="WECHATPAY_PUBLIC_KEY")
