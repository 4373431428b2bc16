from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from apps.users import services
from apps.users.gateways import Identity
from apps.users.models import OAuthAccount, User
from apps.verifications.models import Purpose
from apps.verifications.store import put_sms_code
from tests.factories import UserFactory
from tests.users.fake_provider import FakeProvider, running, sign_in_settings
from tests.world import rows

API = "/api/v1/oauth/"
OPENIDS = {"qq": "A" * 31 + "1", "wechat": "oLVPpjqs9BhvzwPj5A-vTYAX3GLc", "weibo": "1404376560"}
PROVIDERS = list(OPENIDS)
MOBILE = "13800000001"
SMS_CODE = "123456"
PASSWORD = "correct-horse-7"


@pytest.fixture(scope="module")
def listening() -> Iterator[FakeProvider]:
    with running() as provider:
        yield provider


@pytest.fixture(autouse=True)
def provider(listening: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """All three of them, in good health."""
    listening.well()
    monkeypatch.setattr(settings, "SIGN_IN", sign_in_settings(listening.address))
    return listening


def begin(browser: APIClient, name: str, wanted: str = "/cart.html") -> str:
    """The address that the storefront sends this browser to."""
    answer = browser.get(f"{API}{name}/authorization/", {"next": wanted})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["login_url"])


def back(location: str) -> dict[str, str]:
    """What the callback page finds in its own address."""
    query = parse_qs(urlsplit(location).query)
    return {name: query[name][0] for name in ("code", "state")}


def consented(browser: APIClient, provider: FakeProvider, name: str, **kw: str) -> dict[str, str]:
    """Begin, and say yes at the provider: the code and the state that come back."""
    openid = kw.pop("openid", OPENIDS[name])
    return back(provider.consent(begin(browser, name, **kw), openid))


def come_back(browser: APIClient, name: str, **query: str) -> Any:
    return browser.get(f"{API}{name}/user/", query)


def token_for(browser: APIClient, provider: FakeProvider, name: str, **kw: str) -> str:
    """The access token of somebody whom the shop has not seen yet."""
    answer = come_back(browser, name, **consented(browser, provider, name, **kw))
    assert answer.json().keys() == {"access_token"}
    return str(answer.json()["access_token"])


def bound(user: User, name: str) -> OAuthAccount:
    return OAuthAccount.objects.create(user=user, provider=name, openid=OPENIDS[name])


@contextmanager
def no_rows_changed() -> Iterator[None]:
    """Redis may change: that a sign-in is under way is kept there."""
    before = rows()
    yield
    assert rows() == before


@pytest.fixture
def sms_code(db: None) -> str:
    """A code on its way to MOBILE."""
    put_sms_code(MOBILE, SMS_CODE, purpose=Purpose.SIGN_UP)
    return SMS_CODE


def bind(api: APIClient, name: str = "qq", **fields: Any) -> Any:
    body = {"mobile": MOBILE, "password": PASSWORD, "sms_code": SMS_CODE, **fields}
    return api.post(f"{API}{name}/user/", body)


@pytest.fixture
def access_token(db: None) -> str:
    """Of somebody at QQ whom the shop has not seen yet."""
    return services.binding_token(Identity("qq", OPENIDS["qq"]))


@pytest.fixture
def owner(db: None) -> User:
    """Who has MOBILE already."""
    return UserFactory(username="owner", mobile=MOBILE)
