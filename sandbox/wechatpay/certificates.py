"""``/v3/certificates``: the platform certificate, sealed with the merchant's APIv3 key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.wechatpay import signing
from sandbox.wechatpay.clock import rfc3339

if TYPE_CHECKING:
    from sandbox.wechatpay.config import WechatPayConfig


def listing(config: WechatPayConfig) -> dict[str, object]:
    certificate = config.platform_certificate
    return {
        "data": [
            {
                "serial_no": config.platform.serial,
                "effective_time": rfc3339(certificate.not_valid_before_utc),
                "expire_time": rfc3339(certificate.not_valid_after_utc),
                "encrypt_certificate": signing.sealed(
                    certificate.public_bytes(Encoding.PEM),
                    key=config.apiv3_key,
                    associated_data="certificate",
                ),
            }
        ]
    }
