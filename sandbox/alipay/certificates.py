"""Certificate mode: who signed is told by the serial numbers of X.509 certificates."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from Crypto.PublicKey import RSA
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sandbox.alipay.orders import biz_content, optional_text
from sandbox.alipay.refusals import InvalidArgument, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from Crypto.PublicKey.RSA import RsaKey

    from sandbox.provider import Provider

PEM_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
RSA_SIGNATURES = "1.2.840.113549.1.1."


@dataclass(frozen=True)
class Certificates:
    """``app`` is the merchant's, ``own`` the provider's; the roots count by their number only."""

    app: x509.Certificate
    own: x509.Certificate
    root_sn: str

    @classmethod
    def read(cls, *, app: bytes, own: bytes, roots: bytes) -> Certificates:
        """Read three files of PEM; raises ValueError."""
        return cls(
            app=x509.load_pem_x509_certificate(app),
            own=x509.load_pem_x509_certificate(own),
            root_sn=root_number(roots),
        )

    @property
    def app_sn(self) -> str:
        return number_of(self.app)

    @property
    def own_sn(self) -> str:
        return number_of(self.own)

    @property
    def app_key(self) -> RsaKey:
        return _key_of(self.app)

    def belongs_to(self, private_key: RsaKey) -> bool:
        """Whether ``own`` certifies this key."""
        return _key_of(self.own) == private_key.public_key()

    def check(self, params: Mapping[str, str], *, now: datetime) -> None:
        """Refuse a request whose numbers are not those of the merchant's certificate and of the root."""
        if not params.get("app_cert_sn"):
            raise InvalidArgument("isv.missing-app-cert-sn", "缺少应用公钥证书序列号")
        if not params.get("alipay_root_cert_sn"):
            raise InvalidArgument("isv.missing-alipay-root-cert-sn", "缺少支付宝根证书序列号")
        if params["app_cert_sn"] != self.app_sn:
            raise InvalidArgument("isv.invalid-app-cert-sn", "无效的应用公钥证书序列号")
        if params["alipay_root_cert_sn"] != self.root_sn:
            raise InvalidArgument("isv.invalid-alipay-root-cert-sn", "无效的支付宝根证书序列号")
        if now > self.app.not_valid_after_utc:
            raise InvalidArgument("isv.app-cert-expired", "应用公钥证书已过期")


def number_of(certificate: x509.Certificate) -> str:
    """MD5 over the issuer, last part first, and the decimal serial number, with nothing in between."""
    issuer = ",".join(
        f"{attribute.rfc4514_attribute_name}={attribute.value!s}"
        for attribute in reversed(list(certificate.issuer))
    )
    return hashlib.md5(f"{issuer}{certificate.serial_number}".encode()).hexdigest()  # noqa: S324  # Alipay's rule


def root_number(bundle: bytes) -> str:
    """The numbers of the bundle's RSA certificates; those signed by SM2 or ECDSA do not count."""
    numbers = []
    for block in PEM_BLOCK.findall(bundle):
        try:
            certificate = x509.load_pem_x509_certificate(block)
        except ValueError:  # the library cannot read what is signed by SM2
            continue
        if certificate.signature_algorithm_oid.dotted_string.startswith(RSA_SIGNATURES):
            numbers.append(number_of(certificate))
    if not numbers:
        raise ValueError("no RSA certificate in the bundle")
    return "_".join(numbers)


def certificate(provider: Provider, params: Mapping[str, str]) -> dict[str, object]:
    """``alipay.open.app.alipaycert.download``: the provider's certificate of that number."""
    wanted = optional_text(biz_content(params), "alipay_cert_sn")
    certificates = provider.config.certificates
    if certificates is None or wanted != certificates.own_sn:
        raise Refusal("CERT_NOT_EXIST", "证书不存在")
    pem = certificates.own.public_bytes(Encoding.PEM)
    return {"alipay_cert_content": base64.b64encode(pem).decode()}


def _key_of(holder: x509.Certificate) -> RsaKey:
    return RSA.import_key(
        holder.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
