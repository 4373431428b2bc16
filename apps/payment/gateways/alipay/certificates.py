"""Alipay's certificates: their numbers, and whether one descends from Alipay's root. Pure."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

RSA_SIGNATURES = "1.2.840.113549.1.1."
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
LONGEST_CHAIN = 5


def rsa_certificates(pem: bytes) -> list[x509.Certificate]:
    """The RSA certificates in a file, in its order.

    Alipay's root file holds SM2 certificates besides, which are of another trade and which not every parser takes.
    """
    read = (_read(block) for block in PEM.findall(pem))
    return [certificate for certificate in read if certificate is not None]


def number_of(certificate: x509.Certificate) -> str:
    """Alipay's rule: the MD5 of the issuer, last part first, and the serial in decimal, nothing between."""
    named = f"{certificate.issuer.rfc4514_string()}{certificate.serial_number}"
    return hashlib.md5(named.encode(), usedforsecurity=False).hexdigest()


def number_of_roots(roots: Iterable[x509.Certificate]) -> str:
    return "_".join(number_of(root) for root in roots)


def common_name(certificate: x509.Certificate) -> str:
    """Alipay's names itself and the merchant; an application's own names the merchant and the application."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def key_in(certificate: x509.Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)  # noqa: S101  # _read lets no other pass
    return key


def descends(
    certificate: x509.Certificate,
    *,
    through: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
) -> bool:
    """Whether every link up to one of the roots is signed by the next, valid at the moment, and a CA's."""
    if certificate in roots:
        return False
    for _ in range(LONGEST_CHAIN):
        if not _is_valid(certificate, at):
            return False
        if root := _issuer(certificate, roots):
            return _is_valid(root, at)
        issuer = _issuer(certificate, [each for each in through if _is_ca(each)])
        if issuer is None:
            return False
        certificate = issuer
    return False


def _read(block: bytes) -> x509.Certificate | None:
    try:
        certificate = x509.load_pem_x509_certificate(block)
        is_rsa = certificate.signature_algorithm_oid.dotted_string.startswith(RSA_SIGNATURES)
        return (
            certificate if is_rsa and isinstance(certificate.public_key(), RSAPublicKey) else None
        )
    except (ValueError, UnsupportedAlgorithm):
        return None


def _is_valid(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _issuer(
    certificate: x509.Certificate, candidates: Sequence[x509.Certificate]
) -> x509.Certificate | None:
    return next((each for each in candidates if _is_issued_by(certificate, each)), None)


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
