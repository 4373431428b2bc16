import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.apps import AppConfig
from django.conf import settings
from django.db.models import Model
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from redis import Connection, UnixDomainSocketConnection
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from apps.core.redis import connection
from apps.notifications.models import Template
from apps.orders.models import Carrier
from apps.payment import gateways
from apps.payment.gateways import pem
from apps.search.gateways import engine
from apps.users.models import Address, User
from apps.verifications import gateways as sms_gateways
from apps.verifications.models import Purpose
from meiduo import embedded_redis
from tests.factories import AddressFactory, UserFactory
from tests.wechatpay_keys import WechatPayKeys, new_key, pem_of


@pytest.fixture(scope="session", autouse=True)
def own_directory() -> None:
    """What this run writes, it deletes: nothing starts in a directory that a shop may keep its data in."""
    if Path(tempfile.gettempdir(), f"meiduo-test-{os.getpid()}") != settings.REDIS_DATA_DIR:
        pytest.fail(
            "Only with meiduo.settings.test: other settings name a shop's data.", pytrace=False
        )


@pytest.fixture(scope="session", autouse=True)
def redis_server(own_directory: None) -> Iterator[None]:
    """A real Redis for the whole run: the one at REDIS_URL, else one of our own."""
    own: AbstractContextManager = nullcontext()
    if not settings.REDIS_URL:
        own = embedded_redis.running(settings.REDIS_DATA_DIR)
    with own:
        yield
    shutil.rmtree(settings.REDIS_DATA_DIR, ignore_errors=True)


ROWS_OF_MIGRATIONS: dict[type[Model], list[Model]] = {}


@receiver(post_migrate)
def put_back_rows_of_migrations(sender: AppConfig, **kwargs: Any) -> None:
    """What migrations put into the database is there for every test: a test with transactions empties all tables.

    Django sends the signal when it has made them, and again whenever it has emptied them.
    """
    for model in (Carrier, Template):
        if model._meta.app_label == sender.label:
            if model in ROWS_OF_MIGRATIONS:
                rows = ROWS_OF_MIGRATIONS[model]
                model._default_manager.bulk_create(rows, ignore_conflicts=True)
            else:
                ROWS_OF_MIGRATIONS[model] = list(model._default_manager.all())


@pytest.fixture(scope="session", autouse=True)
def search_index(redis_server: None) -> None:
    """An index that can be searched and has nothing in it; redis_server removes it with its own directory."""
    engine().rebuild([])


@pytest.fixture(autouse=True)
def empty_redis(redis_server: None) -> Iterator[None]:
    """Every test leaves Redis as it found it; only this run's keys are touched."""
    yield
    for alias in ("carts", "default"):
        redis = connection(alias)
        if keys := list(redis.scan_iter(f"{settings.REDIS_PREFIX}*", count=1000)):
            redis.delete(*keys)


@pytest.fixture(scope="session", autouse=True)
def provider_key(tmp_path_factory: pytest.TempPathFactory) -> RSA.RsaKey:
    """The key with which "Alipay" signs in this run; the shop is given its public half."""
    keys: Path = tmp_path_factory.mktemp("keys")
    ours, theirs = rsa_key(), rsa_key()
    settings.ALIPAY["app_private_key"] = keys / "app_private.pem"
    settings.ALIPAY["alipay_public_key"] = keys / "alipay_public.pem"
    (keys / "app_private.pem").write_bytes(ours.export_key())
    (keys / "app_public.pem").write_bytes(ours.public_key().export_key())
    (keys / "alipay_public.pem").write_bytes(theirs.public_key().export_key())
    gateways.gateway.cache_clear()
    return theirs


@pytest.fixture(scope="session", autouse=True)
def keys_checked_once() -> Iterator[None]:
    """To check a private key takes a twentieth of a second: the gateways do it once for each key, not for each test."""
    check = cache(load_pem_private_key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pem, "load_pem_private_key", check)
        yield


@pytest.fixture(scope="session")
def foreign_key() -> RSA.RsaKey:
    """Of somebody who is neither we nor a provider."""
    return rsa_key()


def rsa_key() -> RSA.RsaKey:
    """A new one. OpenSSL makes it in a tenth of the time that pycryptodome takes."""
    return RSA.import_key(pem_of(new_key()))


@pytest.fixture(scope="session", autouse=True)
def wechatpay_keys(tmp_path_factory: pytest.TempPathFactory) -> WechatPayKeys:
    """The keys with which "WeChat Pay" signs in this run; the shop is given what a merchant has."""
    keys = WechatPayKeys.new()
    settings.WECHATPAY |= keys.for_merchant(tmp_path_factory.mktemp("wechatpay"))
    gateways.gateway.cache_clear()
    return keys


@dataclass
class Phones:
    """Stands in for the SMS gateway: what reached which mobile, oldest first."""

    received: list[tuple[str, str, Purpose]] = field(default_factory=list)
    notices: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def send_code(self, mobile: str, code: str, *, purpose: Purpose) -> None:
        self.received.append((mobile, code, purpose))

    def send_notice(
        self, mobile: str, *, template: str, parameters: Mapping[str, str], text: str, number: str
    ) -> None:
        self.notices.append((mobile, template, dict(parameters)))

    def code(self, mobile: str) -> str:
        """The last code this mobile received."""
        return [code for to, code, _ in self.received if to == mobile][-1]


@pytest.fixture
def phones(monkeypatch: pytest.MonkeyPatch) -> Phones:
    """Every mobile there is."""
    phones = Phones()
    monkeypatch.setattr(sms_gateways, "sms", lambda: phones)
    return phones


@pytest.fixture
def round_trips(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with every packet sent to Redis, whatever number of commands it holds."""
    sent: list[int] = []
    for kind in (Connection, UnixDomainSocketConnection):
        send = kind.send_packed_command

        def counting(self: Any, *args: Any, _send: Any = send, **kwargs: Any) -> Any:
            sent.append(1)
            return _send(self, *args, **kwargs)

        monkeypatch.setattr(kind, "send_packed_command", counting)
    return sent


@pytest.fixture
def buyer(db: None) -> User:
    return UserFactory(username="buyer")


@pytest.fixture
def stranger(db: None) -> User:
    return UserFactory(username="stranger")


@pytest.fixture
def address(buyer: User) -> Address:
    return AddressFactory(user=buyer)


@pytest.fixture
def api() -> APIClient:
    """A client nobody is logged in with."""
    return APIClient()


@pytest.fixture
def shop(buyer: User) -> APIClient:
    """A client the buyer is logged in with."""
    return logged_in(buyer)


def logged_in(user: User) -> APIClient:
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")


def access_token(user: User) -> str:
    return str(AccessToken.for_user(user))
