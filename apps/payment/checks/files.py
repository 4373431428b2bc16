"""Keys and certificates, as far as one sees by looking at the files."""

import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.core import checks
from django.core.checks import CheckMessage, Error

MAKE_KEYS = "python manage.py make_keys"
RSA_BITS = 2048
WARN_BEFORE = timedelta(days=30)
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def check_key(
    path: Path, *, setting: str, private: bool, ids: tuple[str, str], hint: str
) -> Iterator[CheckMessage]:
    """``ids``: of a missing file, and of one that is no such key."""
    if not path.is_file():
        yield Error(f"{setting}: there is no file {path}.", hint=hint, id=ids[0])
        return
    kind = "private" if private else "public"
    key = private_key_in(path) if private else _public_key_in(path)
    if key is None or key.key_size < RSA_BITS:
        yield Error(
            f"{setting}: {path} is not a {kind} RSA key of at least {RSA_BITS} bits in PEM form.",
            hint=f"A bare Base64 key needs the BEGIN and END lines around it. {hint}",
            id=ids[1],
        )


def check_certificate(
    path: Path, *, setting: str, ids: tuple[str, str], hint: str
) -> Iterator[CheckMessage]:
    """``ids``: of a file that holds no RSA certificate, and of one that is or soon will be out of date."""
    certificates = certificates_in(path)
    if not certificates:
        yield Error(f"{setting}: there is no RSA certificate in {path}.", hint=hint, id=ids[0])
        return
    yield from _check_validity(certificates, path, setting=setting, number=ids[1], hint=hint)


def _check_validity(
    certificates: list[x509.Certificate], path: Path, *, setting: str, number: str, hint: str
) -> Iterator[CheckMessage]:
    # Warnings: what time alone brings about must not keep the shop, which sells by other means too, from starting.
    now = datetime.now(UTC)
    ends = max(each.not_valid_after_utc for each in certificates)
    if min(each.not_valid_before_utc for each in certificates) > now:
        yield checks.Warning(f"{setting}: {path} is not valid yet.", hint=hint, id=number)
    elif ends < now:
        yield checks.Warning(f"{setting}: {path} expired on {ends:%Y-%m-%d}.", hint=hint, id=number)
    elif ends < now + WARN_BEFORE:
        yield checks.Warning(f"{setting}: {path} expires on {ends:%Y-%m-%d}.", hint=hint, id=number)


def check_that_they_fit(
    certificate: Path, private: Path, *, settings: tuple[str, str], number: str
) -> Iterator[CheckMessage]:
    """That a certificate is over this private key; nothing is said where one of the two does not read."""
    key, certificates = private_key_in(private), certificates_in(certificate)
    if key and certificates and certificates[0].public_key() != key.public_key():
        yield Error(
            f"{settings[0]} {certificate} is not the certificate of {settings[1]} {private}.",
            hint="Whoever made the request for the certificate has the key that belongs to it.",
            id=number,
        )


def check_who_can_read(path: Path) -> Iterator[CheckMessage]:
    if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield checks.Warning(
            f"Others can read {path}.", hint=f"Run: chmod 600 {path}", id="payment.W001"
        )


def private_key_in(path: Path) -> RSAPrivateKey | None:
    try:
        # Whether its numbers are primes is found out where it is used; here it would slow down every command.
        key = load_pem_private_key(
            path.read_bytes(), password=None, unsafe_skip_rsa_key_validation=True
        )
    except (ValueError, TypeError, UnsupportedAlgorithm, OSError):
        return None
    return key if isinstance(key, RSAPrivateKey) else None


def certificates_in(path: Path) -> list[x509.Certificate]:
    """Those over RSA keys. Alipay's root file holds others besides, some of which not every parser takes."""
    try:
        blocks = PEM.findall(path.read_bytes())
    except OSError:
        return []
    found = []
    for block in blocks:
        try:
            certificate = x509.load_pem_x509_certificate(block)
            is_rsa = isinstance(certificate.public_key(), RSAPublicKey)
        except (ValueError, UnsupportedAlgorithm):
            continue
        if is_rsa:
            found.append(certificate)
    return found


def _public_key_in(path: Path) -> RSAPublicKey | None:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm, OSError):
        return None
    return key if isinstance(key, RSAPublicKey) else None
