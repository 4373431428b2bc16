"""Keys in PEM form, read from where a setting says. Misconfigured names the setting and the file."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from apps.payment.exceptions import Misconfigured


def content(path: Path, *, setting: str) -> bytes:
    """The file as it is. Raises Misconfigured."""
    try:
        return path.read_bytes()
    except OSError as exc:
        raise Misconfigured(f"{setting}: {path} cannot be read: {exc.strerror}.") from exc


def private_key(path: Path, *, setting: str) -> RSAPrivateKey:
    """Raises Misconfigured."""
    try:
        key = load_pem_private_key(content(path, setting=setting), password=None)
    except (ValueError, TypeError) as exc:
        raise Misconfigured(f"{setting}: {path} is no private key in PEM form.") from exc
    if not isinstance(key, RSAPrivateKey):
        raise Misconfigured(f"{setting}: {path} is no RSA key.")
    return key


def public_key(path: Path, *, setting: str) -> RSAPublicKey:
    """Raises Misconfigured."""
    try:
        key = load_pem_public_key(content(path, setting=setting))
    except ValueError as exc:
        raise Misconfigured(f"{setting}: {path} is no public key in PEM form.") from exc
    if not isinstance(key, RSAPublicKey):
        raise Misconfigured(f"{setting}: {path} is no RSA key.")
    return key
