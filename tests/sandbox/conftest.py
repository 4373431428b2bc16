from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.factory import create_app
from sandbox.ledger import Ledger
from sandbox.ledger.records import NoticeState
from tests.sandbox.merchant import Clock, Merchant, config_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from sandbox.provider import Provider


# The sandbox knows nothing of the shop, so its tests run without the shop's Redis and keys: the
# fixtures of these three names stand in front of those that every test of the shop gets.
@pytest.fixture(scope="session")
def redis_server() -> None:
    pass


@pytest.fixture
def empty_redis() -> None:
    pass


@pytest.fixture(scope="session")
def provider_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def merchant_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def keys(merchant_key: rsa.RSAPrivateKey, provider_key: rsa.RSAPrivateKey) -> tuple[str, str]:
    """What the sandbox is given: the merchant's public half and its own private one, as PEM."""
    public = merchant_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = provider_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return public.decode(), private.decode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def merchant(
    merchant_key: rsa.RSAPrivateKey, provider_key: rsa.RSAPrivateKey, clock: Clock
) -> Merchant:
    return Merchant(merchant_key, provider_key.public_key(), clock)


@pytest.fixture
def start(keys: tuple[str, str], tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Flask]]:
    """Starts a sandbox on this test's one database; every one is stopped in the end."""
    started: list[Provider] = []

    def _start(*, now: Any = clock, **values: Any) -> Flask:
        config = config_for(keys, database=tmp_path / "var" / "sandbox.sqlite3", **values)
        app = create_app(config, now=now)
        started.append(app.extensions["sandbox"])
        return app

    yield _start
    for provider in started:
        provider.close()


@pytest.fixture
def app(start: Callable[..., Flask]) -> Flask:
    return start()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets a test wait until the ledger has written down how a notice ended."""
    ended = threading.Event()
    record_try = Ledger.record_try

    def record_and_tell(self: Ledger, *args: Any, **kwargs: Any) -> bool:
        result = record_try(self, *args, **kwargs)
        if kwargs["state"] != NoticeState.WAITING:
            ended.set()
        return result

    monkeypatch.setattr(Ledger, "record_try", record_and_tell)
    return ended
