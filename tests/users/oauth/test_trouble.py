"""The provider, or Redis, fails on the way back."""

import logging
import socket
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from apps.users.gateways import providers
from apps.users.models import OAuthAccount, User
from tests.core.refusals import redis_down, refused
from tests.users.fake_provider import FakeProvider
from tests.users.oauth.conftest import (
    PROVIDERS,
    bound,
    come_back,
    consented,
    no_rows_changed,
)

pytestmark = pytest.mark.django_db

each_provider = pytest.mark.parametrize("name", PROVIDERS)


class TestTrouble:
    """The provider fails. Nobody knows whether it has seen the code, so the same way may be gone again."""

    @each_provider
    @pytest.mark.parametrize(
        "trouble",
        [
            (500, "text/html", "<h1>Internal Server Error</h1>"),
            (502, "text/html", ""),
            (200, "text/html", ""),
            (200, "text/html", "<html>maintenance</html>"),
            (200, "application/json", "[]"),
            (200, "application/json", "null"),
            (200, "application/json", "{}"),
            (200, "application/json", '{"access_token": 7, "openid": "x", "uid": "x"}'),
            (200, "application/json", '{"access_token": "t"}'),
            (200, "application/json", '{"access_token": "t", "openid": null, "uid": null}'),
            (200, "application/json", '{"access_token": "t", "openid": ["x"], "uid": {"a": 1}}'),
            (200, "application/json", '{"access_token": "t", "openid": "a b", "uid": "\\u0000"}'),
            (200, "application/json", '{"access_token": "t", "openid": "%s"}' % ("x" * 65)),
            (200, "application/json", "[" * 100_000),
            (200, "application/json", '{"a":' * 100_000),
            (200, "application/json; charset=nonsense", '{"a": "\udcff"}'.encode("utf-8", "replace").decode()),
            (200, "application/json", '{"errcode": -1, "errmsg": "system error", "error": "server_error"}'),
            "hang up",
        ],
        ids=lambda trouble: str(trouble)[:60],
    )  # fmt: skip
    def test_it_is_their_fault_and_one_may_try_again(
        self,
        name: str,
        trouble: Any,
        api: APIClient,
        provider: FakeProvider,
        buyer: User,
    ) -> None:
        bound(buyer, name)
        query = consented(api, provider, name)
        provider.trouble = trouble
        with no_rows_changed():
            body = refused(come_back(api, name, **query), status=503, code="provider_failed")
        assert body["message"] == {
            "qq": "QQ服务异常", "wechat": "微信服务异常", "weibo": "微博服务异常"
        }[name]  # fmt: skip
        provider.trouble = None
        assert come_back(api, name, **query).json()["user_id"] == buyer.pk

    @each_provider
    def test_it_is_silent(
        self,
        name: str,
        api: APIClient,
        provider: FakeProvider,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(providers, "TIMEOUT_SECONDS", (1, 0.1))
        query = consented(api, provider, name)
        provider.trouble = "silence"
        answer = come_back(api, name, **query)
        refused(answer, status=503, code="provider_failed")
        assert answer["Retry-After"] == "2"

    @each_provider
    def test_it_is_not_there(
        self, name: str, api: APIClient, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        query = consented(api, provider, name)
        with socket.socket() as nobody_listens:
            nobody_listens.bind(("127.0.0.1", 0))
            dead = f"http://127.0.0.1:{nobody_listens.getsockname()[1]}"
            monkeypatch.setitem(settings.SIGN_IN[name], "server", dead)
            refused(come_back(api, name, **query), status=503, code="provider_failed")

    @each_provider
    def test_it_does_not_know_our_secret(
        self,
        name: str,
        api: APIClient,
        provider: FakeProvider,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        query = consented(api, provider, name)
        monkeypatch.setitem(settings.SIGN_IN[name], "client_secret", "hush-hush")
        with caplog.at_level(logging.DEBUG):
            refused(come_back(api, name, **query), status=503, code="provider_failed")
        code = {"qq": "100009", "wechat": "40125", "weibo": "invalid_client"}[name]
        assert f"Sign-in with {name} failed at token_exchange" in caplog.text
        assert code in caplog.text
        assert "hush-hush" not in caplog.text
        assert query["code"] not in caplog.text

    def test_qq_gives_a_token_and_then_does_not_know_it(
        self, api: APIClient, provider: FakeProvider
    ) -> None:
        query = consented(api, provider, "qq")
        provider.trouble = (200, "me:text/html", 'callback( {"error":100016} );')
        refused(come_back(api, "qq", **query), status=503, code="provider_failed")
        assert provider.asked == ["/oauth2.0/token", "/oauth2.0/me"]

    @pytest.mark.parametrize(
        "text",
        [
            'callback( {"client_id":"1","openid":"OPENID"} );\n',
            'callback({"client_id":"1","openid":"OPENID"});',
            '  callback (\n{"openid": "OPENID"}\n)\n',
            '{"client_id":"1","openid":"OPENID"}',
            "client_id=1&openid=OPENID",
        ],
    )
    def test_qq_has_many_ways_to_say_the_same(
        self, text: str, api: APIClient, provider: FakeProvider, buyer: User
    ) -> None:
        OAuthAccount.objects.create(user=buyer, provider="qq", openid="OPENID")
        query = consented(api, provider, "qq")
        provider.trouble = (200, "me:text/html", text)
        assert come_back(api, "qq", **query).json()["user_id"] == buyer.pk

    def test_redis_is_not_there(self, api: APIClient, provider: FakeProvider) -> None:
        query = consented(api, provider, "qq")
        with redis_down():
            refused(come_back(api, "qq", **query), status=503, code="unavailable")
        assert come_back(api, "qq", **query).status_code == 200
