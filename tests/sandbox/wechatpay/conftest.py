from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from Crypto.PublicKey import RSA
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sandbox.factory import create_app
from sandbox.wechatpay.config import WechatPayConfig
from sandbox.wechatpay.signing import Signer
from tests.sandbox.merchant import START, config_for
from tests.sandbox.wechatpay.merchant import (
    APIV3_KEY,
    APPID,
    MCHID,
    MERCHANT_SERIAL,
    PLATFORM_SERIAL,
    PUBLIC_KEY_ID,
    Merchant,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask

    from sandbox.provider import Provider
    from tests.sandbox.merchant import Clock


@pytest.fixture(scope="session")
def platform_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def wechatpay_config(
    merchant_key: rsa.RSAPrivateKey,
    provider_key: rsa.RSAPrivateKey,
    platform_key: rsa.RSAPrivateKey,
) -> WechatPayConfig:
    return WechatPayConfig(
        mchid=MCHID,
        appid=APPID,
        merchant_certificate=certificate_of(merchant_key, MERCHANT_SERIAL),
        apiv3_key=APIV3_KEY.encode(),
        public_key=Signer(RSA.import_key(pem_of(provider_key)), PUBLIC_KEY_ID),
        platform=Signer(RSA.import_key(pem_of(platform_key)), f"{PLATFORM_SERIAL:X}"),
        platform_certificate=certificate_of(platform_key, PLATFORM_SERIAL),
    )


@pytest.fixture
def start(
    keys: tuple[str, str], wechatpay_config: WechatPayConfig, tmp_path: Path, clock: Clock
) -> Iterator[Callable[..., Flask]]:
    """Starts a sandbox that knows WeChat Pay, on this test's one database."""
    started: list[Provider] = []

    def _start(*, now: Any = clock, **values: Any) -> Flask:
        config = config_for(keys, database=tmp_path / "sandbox.sqlite3", **values)
        app = create_app(config, wechatpay_config=wechatpay_config, now=now)
        started.append(app.extensions["sandbox"])
        return app

    yield _start
    for provider in started:
        provider.close()


@pytest.fixture
def merchant(
    merchant_key: rsa.RSAPrivateKey,
    provider_key: rsa.RSAPrivateKey,
    platform_key: rsa.RSAPrivateKey,
    clock: Clock,
) -> Merchant:
    keys = {
        PUBLIC_KEY_ID: provider_key.public_key(),
        f"{PLATFORM_SERIAL:X}": platform_key.public_key(),
    }
    return Merchant(merchant_key, keys, clock)


def certificate_of(key: rsa.RSAPrivateKey, serial: int) -> x509.Certificate:
    """A self-signed one, good from a year before the tests' clock until nobody runs them any more."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, MCHID)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(START - timedelta(days=365))
        .not_valid_after(START + timedelta(days=36500))
        .sign(key, hashes.SHA256())
    )


def pem_of(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
