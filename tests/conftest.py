import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from Crypto.PublicKey import RSA
from django.conf import settings
from django.core.cache import cache
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from apps.core.redis import connection
from apps.payment import gateways
from apps.users.models import Address, User
from meiduo import embedded_redis
from tests.factories import AddressFactory, UserFactory


@pytest.fixture(scope="session", autouse=True)
def redis_server() -> Iterator[None]:
    """A real Redis for the whole run: the one at REDIS_URL, else one of our own."""
    own: AbstractContextManager = nullcontext()
    if not settings.REDIS_URL:
        own = embedded_redis.running(settings.REDIS_DATA_DIR)
    with own:
        yield
    shutil.rmtree(settings.REDIS_DATA_DIR, ignore_errors=True)


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    """Every test leaves Redis as it found it; only this run's keys are touched."""
    yield
    cache.delete_pattern("*")  # type: ignore[attr-defined]
    carts = connection("carts")
    if keys := list(carts.scan_iter(f"{settings.REDIS_PREFIX}*", count=1000)):
        carts.delete(*keys)


@pytest.fixture(scope="session", autouse=True)
def provider_key(tmp_path_factory: pytest.TempPathFactory) -> RSA.RsaKey:
    """The key with which "Alipay" signs in this run; the shop is given its public half."""
    keys: Path = tmp_path_factory.mktemp("keys")
    ours, theirs = RSA.generate(2048), RSA.generate(2048)
    settings.ALIPAY["app_private_key"] = keys / "app_private.pem"
    settings.ALIPAY["alipay_public_key"] = keys / "alipay_public.pem"
    (keys / "app_private.pem").write_bytes(ours.export_key())
    (keys / "app_public.pem").write_bytes(ours.public_key().export_key())
    (keys / "alipay_public.pem").write_bytes(theirs.public_key().export_key())
    gateways.alipay.cache_clear()
    return theirs


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
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(user)}")
