"""What the sandbox knows of the one WeChat Pay merchant, and the keys with which it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from Crypto.PublicKey import RSA
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.config import BASE_DIR, ConfigError
from sandbox.wechatpay.signing import Signer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from Crypto.PublicKey.RSA import RsaKey

T = TypeVar("T")

MCHID = re.compile(r"[0-9]{8,32}")
APPID = re.compile(r"wx[0-9a-z]{1,30}")
PUBLIC_KEY_ID = re.compile(r"PUB_KEY_ID_[0-9A-Z]{1,64}")
APIV3_KEY = re.compile(rb"[!-~]{32}")


class KeysMissing(ConfigError):
    """Not there at all: the sandbox goes on without WeChat Pay."""


@dataclass(frozen=True)
class WechatPayConfig:
    """The merchant signs requests with the key of ``merchant_certificate``. The provider signs
    with ``public_key`` or ``platform``: the two ways in which merchants may check it.
    """

    mchid: str
    appid: str
    merchant_certificate: x509.Certificate = field(repr=False)
    apiv3_key: bytes = field(repr=False)
    public_key: Signer
    platform: Signer
    platform_certificate: x509.Certificate = field(repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> WechatPayConfig:
        """Read every SANDBOX_WECHATPAY_* value and load the keys; raises ConfigError."""
        platform = _load(
            environ,
            "SANDBOX_WECHATPAY_PLATFORM_CERT",
            "keys/sandbox_wechatpay_platform.crt",
            read=certificate,
        )
        platform_key = _load(
            environ,
            "SANDBOX_WECHATPAY_PLATFORM_KEY",
            "keys/sandbox_wechatpay_platform.pem",
            read=private_key,
        )
        if public_key_of(platform) != platform_key.public_key():
            raise ConfigError(
                "SANDBOX_WECHATPAY_PLATFORM_CERT does not belong to SANDBOX_WECHATPAY_PLATFORM_KEY"
            )
        return cls(
            mchid=_text(environ, "SANDBOX_WECHATPAY_MCHID", "1900000001", form=MCHID),
            appid=_text(environ, "SANDBOX_WECHATPAY_APPID", "wx0000000000000001", form=APPID),
            merchant_certificate=_load(
                environ,
                "SANDBOX_WECHATPAY_MERCHANT_CERT",
                "keys/wechatpay_merchant.crt",
                read=certificate,
            ),
            apiv3_key=_load(
                environ,
                "SANDBOX_WECHATPAY_APIV3_KEY",
                "keys/wechatpay_apiv3_key",
                read=apiv3_key,
            ),
            public_key=_public_key(environ),
            platform=Signer(platform_key, serial_text(platform)),
            platform_certificate=platform,
        )

    def signer(self, serial: str) -> Signer | None:
        """The one that a request's ``Wechatpay-Serial`` asks for; None if there is none such."""
        if serial == self.public_key.serial:
            return self.public_key
        if not serial or serial.upper() == self.platform.serial:
            return self.platform
        return None


def certificate(pem: bytes) -> x509.Certificate:
    """An RSA certificate in PEM form; raises ValueError."""
    loaded = x509.load_pem_x509_certificate(pem)
    public_key_of(loaded)
    return loaded


def public_key_of(certificate: x509.Certificate) -> RsaKey:
    """Raises ValueError if the certificate is not for an RSA key."""
    return RSA.import_key(certificate.public_bytes(Encoding.PEM))


def private_key(pem: bytes) -> RsaKey:
    """An RSA private key in PEM form; raises ValueError."""
    key = RSA.import_key(pem)
    if not key.has_private():
        raise ValueError("a public key cannot sign")
    return key


def apiv3_key(text: bytes) -> bytes:
    """The 32 characters that a merchant sets at its console; raises ValueError."""
    key = text.strip()
    if not APIV3_KEY.fullmatch(key):
        raise ValueError("an APIv3 key is 32 ASCII characters")
    return key


def serial_text(certificate: x509.Certificate) -> str:
    """The serial as ``openssl x509 -serial`` writes it: whole bytes, in capitals."""
    number = certificate.serial_number
    return number.to_bytes((number.bit_length() + 7) // 8).hex().upper()


def _public_key(environ: Mapping[str, str]) -> Signer:
    """The provider's key whose public half merchants download, with its id."""
    key_id = _text(
        environ,
        "SANDBOX_WECHATPAY_PUBLIC_KEY_ID",
        "PUB_KEY_ID_0000000000000000000000000000000001",
        form=PUBLIC_KEY_ID,
    )
    key = _load(
        environ,
        "SANDBOX_WECHATPAY_PRIVATE_KEY",
        "keys/sandbox_wechatpay_private.pem",
        read=private_key,
    )
    return Signer(key, key_id)


def _text(environ: Mapping[str, str], name: str, default: str, *, form: re.Pattern[str]) -> str:
    value = environ.get(name, "").strip() or default
    if not form.fullmatch(value):
        raise ConfigError(f"{name} must look like {default}, not {value!r}")
    return value


def _load(environ: Mapping[str, str], name: str, default: str, *, read: Callable[[bytes], T]) -> T:
    path = BASE_DIR / Path(environ.get(name, "").strip() or default).expanduser()
    try:
        return read(path.read_bytes())
    except FileNotFoundError:
        raise KeysMissing(
            f"no file at {path} ({name}): `python manage.py make_keys` makes it"
        ) from None
    except OSError as error:
        raise ConfigError(f"cannot read {path} ({name}): {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"cannot use {path} ({name}): {error}") from None
