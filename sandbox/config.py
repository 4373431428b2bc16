"""What the sandbox is told by its environment, read once; the defaults run on a laptop."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.alipay import signing
from sandbox.alipay.certificates import Certificates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from Crypto.PublicKey.RSA import RsaKey

BASE_DIR = Path(__file__).resolve().parent.parent


class ConfigError(Exception):
    """Says in one line what to mend."""


@dataclass(frozen=True)
class Config:
    """``app_public_key`` is the merchant's, ``private_key`` the provider's own.

    With ``certificates`` a request may be signed in certificate mode, too, and money may be sent out.

    ``port`` is for the server that is started with it; read here so that a bad one is named.
    """

    database: Path
    app_id: str
    seller_id: str
    app_public_key: RsaKey = field(repr=False)
    private_key: RsaKey = field(repr=False)  # its repr would print the private exponent
    certificates: Certificates | None = field(default=None, repr=False)
    port: int = 8001
    retry_scale: float = 0.01
    notify_timeout_seconds: float = 5.0

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Config:
        """Read every SANDBOX_* value and load the keys; raises ConfigError."""
        private_key = _private_key(environ, "SANDBOX_PRIVATE_KEY", "keys/sandbox_private.pem")
        return cls(
            database=_path(environ, "SANDBOX_DATABASE", "var/sandbox.sqlite3"),
            app_id=_digits(environ, "SANDBOX_APP_ID", "2021000000000001"),
            seller_id=_digits(environ, "SANDBOX_SELLER_ID", "2088000000000001"),
            app_public_key=_key(environ, "SANDBOX_APP_PUBLIC_KEY", "keys/alipay_app_public.pem"),
            private_key=private_key,
            certificates=_certificates(environ, private_key),
            port=_port(environ, "SANDBOX_PORT", "8001"),
            retry_scale=_scale(environ, "SANDBOX_RETRY_SCALE", "0.01"),
        )


def _value(environ: Mapping[str, str], name: str, default: str) -> str:
    return environ.get(name, "").strip() or default


def _path(environ: Mapping[str, str], name: str, default: str) -> Path:
    return BASE_DIR / Path(_value(environ, name, default)).expanduser()


def _digits(environ: Mapping[str, str], name: str, default: str) -> str:
    value = _value(environ, name, default)
    if not (value.isascii() and value.isdigit()):
        raise ConfigError(f"{name} must be digits, not {value!r}")
    return value


def _port(environ: Mapping[str, str], name: str, default: str) -> int:
    value = _digits(environ, name, default)
    if len(value) > 5 or not 0 < int(value) < 65536:
        raise ConfigError(f"{name} must be a port number, 1 to 65535, not {value!r}")
    return int(value)


def _scale(environ: Mapping[str, str], name: str, default: str) -> float:
    value = _value(environ, name, default)
    try:
        scale = float(value)
    except ValueError:
        scale = math.nan
    if not 0 <= scale < math.inf:
        raise ConfigError(f"{name} must be a number, 0 or more, not {value!r}")
    return scale


def _key(environ: Mapping[str, str], name: str, default: str) -> RsaKey:
    path = _path(environ, name, default)
    try:
        return signing.load_key(path.read_bytes())
    except FileNotFoundError:
        raise ConfigError(
            f"no key at {path} ({name}): `python manage.py make_keys` makes it"
        ) from None
    except OSError as error:
        raise ConfigError(f"cannot read the key at {path} ({name}): {error.strerror}") from None
    except ValueError:
        raise ConfigError(f"no RSA key in PEM form in {path} ({name})") from None


def _private_key(environ: Mapping[str, str], name: str, default: str) -> RsaKey:
    key = _key(environ, name, default)
    if not key.has_private():
        raise ConfigError(
            f"{_path(environ, name, default)} ({name}) holds a public key; it takes the private one"
        )
    return key


def _certificates(environ: Mapping[str, str], private_key: RsaKey) -> Certificates | None:
    """The three certificates, or none of them."""
    paths = (
        _path(environ, "SANDBOX_APP_CERT", "keys/alipay_app.crt"),
        _path(environ, "SANDBOX_ALIPAY_CERT", "keys/alipay.crt"),
        _path(environ, "SANDBOX_ALIPAY_ROOT_CERT", "keys/alipay_root.crt"),
    )
    if not any(path.exists() for path in paths):
        return None
    for path in paths:
        if not path.exists():
            raise ConfigError(f"no certificate at {path}: certificate mode takes all three")
    try:
        app, own, roots = (path.read_bytes() for path in paths)
        certificates = Certificates.read(app=app, own=own, roots=roots)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the certificates beside {paths[0]}: {error}") from None
    if not certificates.belongs_to(private_key):
        raise ConfigError(f"{paths[1]} (SANDBOX_ALIPAY_CERT) is not of SANDBOX_PRIVATE_KEY's key")
    return certificates
