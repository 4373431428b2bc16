"""Certificates as Alipay issues them: a root, a class below it, and whom that certifies."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

FROM, TO = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
ALIPAYS = "支付宝(中国)网络技术有限公司-2088000000000001"
# ECDSA with SHA-256 and P-256, and what SM2 has in their place; of the same length, as luck would have it.
TO_SM2 = {
    bytes.fromhex("2a8648ce3d040302"): bytes.fromhex("2a811ccf55018375"),
    bytes.fromhex("2a8648ce3d030107"): bytes.fromhex("2a811ccf5501822d"),
}


def name(common: str, *, unit: str = "Alipay") -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, "某某公司"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, common),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: Any

    def issue(
        self,
        subject: x509.Name,
        key: Any,
        *,
        is_ca: bool = False,
        since: datetime = FROM,
        until: datetime = TO,
    ) -> x509.Certificate:
        return _issued(
            self.certificate.subject, self.key, subject, key, is_ca=is_ca, since=since, until=until
        )


def root(subject: x509.Name, key: Any) -> Authority:
    return Authority(_issued(subject, key, subject, key.public_key(), is_ca=True), key)


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


def sm2_root() -> bytes:
    """What passes for an SM2 certificate with whoever reads its algorithm."""
    der = root(name("SM2 Root"), ec.generate_private_key(ec.SECP256R1())).certificate.public_bytes(
        Encoding.DER
    )
    for ours, theirs in TO_SM2.items():
        assert ours in der
        der = der.replace(ours, theirs)
    body = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


def _issued(
    issuer: x509.Name,
    signer: Any,
    subject: x509.Name,
    key: Any,
    *,
    is_ca: bool,
    since: datetime = FROM,
    until: datetime = TO,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(min(until, since + timedelta(days=365 * 30)))
    )
    if is_ca:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    return builder.sign(signer, SHA256())
