"""Certificates made for the tests, with one pair of keys for the merchant and one for the provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.sandbox.merchant import START

SERIAL = 0x1234567890ABCDEF


@dataclass(frozen=True)
class Issued:
    """Three files as an operator has them: the merchant's, the provider's, and the bundle of roots."""

    app: bytes
    own: bytes
    roots: bytes


def named(common_name: str) -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, "Sandbox"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Certification Authority"),
        (NameOID.COMMON_NAME, common_name),
    ]
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])


def issue(
    subject: str,
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
    issuer: str,
    issuer_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    *,
    until: datetime = START + timedelta(days=365),
) -> bytes:
    return (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key)
        .serial_number(SERIAL)
        .not_valid_before(START - timedelta(days=1))
        .not_valid_after(until)
        .sign(issuer_key, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )


def issue_all(merchant: rsa.RSAPublicKey, provider: rsa.RSAPrivateKey) -> Issued:
    """The provider's key signs for the root too, which spares making a third one."""
    elliptic = ec.generate_private_key(ec.SECP256R1())
    roots = [
        issue("Root", provider.public_key(), "Root", provider),
        issue("Elliptic", elliptic.public_key(), "Elliptic", elliptic),
        issue("Root 2", provider.public_key(), "Root 2", provider),
    ]
    return Issued(
        app=issue("2021000000000001", merchant, "App CA", provider),
        own=issue("Alipay", provider.public_key(), "Alipay CA", provider),
        roots=b"\n".join(roots),
    )
