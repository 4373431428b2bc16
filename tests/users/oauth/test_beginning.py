"""Where the browser is sent, and with what."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from tests.core.refusals import redis_down, refused
from tests.users.fake_provider import APPS, CALLBACKS
from tests.users.oauth.conftest import (
    API,
    begin,
)

pytestmark = pytest.mark.django_db


class TestBeginning:
    def test_the_address_is_qqs_with_all_that_qq_wants(
        self, api: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(settings.SIGN_IN["qq"], "server")
        answer = api.get(f"{API}qq/authorization/", {"next": "/cart.html"})
        assert answer.status_code == 200
        assert answer.json().keys() == {"login_url", "oauth_url"}
        assert answer.json()["oauth_url"] == answer.json()["login_url"]
        address, _, query = answer.json()["login_url"].partition("?")
        assert address == "https://graph.qq.com/oauth2.0/authorize"
        parameters = parse_qs(query)
        state = parameters.pop("state")[0]
        assert parameters == {
            "response_type": ["code"],
            "client_id": [APPS["qq"]],
            "redirect_uri": [CALLBACKS["qq"]],
            "scope": ["get_user_info"],
        }
        assert re.fullmatch(r"/cart\.html\?state=[\w-]{22}", state)

    def test_the_others_have_addresses_of_their_own(
        self, api: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("wechat", "weibo"):
            monkeypatch.delitem(settings.SIGN_IN[name], "server")
        wechat = begin(api, "wechat")
        assert wechat.startswith("https://open.weixin.qq.com/connect/qrconnect?appid=wx")
        assert wechat.endswith("#wechat_redirect")
        assert begin(api, "weibo").startswith("https://api.weibo.com/oauth2/authorize?client_id=33")

    @pytest.mark.parametrize(("alias", "name"), [("weixin", "wechat"), ("sina", "weibo")])
    def test_older_names_lead_to_the_same(self, alias: str, name: str, api: APIClient) -> None:
        assert urlsplit(begin(api, alias)).path == urlsplit(begin(api, name)).path

    def test_some_storefronts_call_the_page_state(self, api: APIClient) -> None:
        answer = api.get(f"{API}qq/authorization/", {"state": "/list.html?cat=115"})
        (state,) = parse_qs(urlsplit(answer.json()["login_url"]).query)["state"]
        assert re.fullmatch(r"/list\.html\?state=[\w-]{22}&cat=115", state)

    def test_every_beginning_has_a_nonce_of_its_own(self, api: APIClient) -> None:
        assert len({begin(api, "qq") for _ in range(20)}) == 20

    def test_the_cookie_is_for_these_addresses_only_and_no_scripts(self, api: APIClient) -> None:
        begin(api, "qq")
        cookie = api.cookies["oauth"]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (API, True, "Lax")
        assert cookie["max-age"] == 600
        assert re.fullmatch(r"[\w-]{43}", cookie.value)
        begin(api, "weibo")
        assert api.cookies["oauth"].value == cookie.value

    @pytest.mark.parametrize("value", ["x", "x" * 42 + "!", "x" * 500, ""])
    def test_a_cookie_of_somebody_elses_making_is_replaced(
        self, value: str, api: APIClient
    ) -> None:
        api.cookies["oauth"] = value
        begin(api, "qq")
        assert re.fullmatch(r"[\w-]{43}", api.cookies["oauth"].value)
        assert api.cookies["oauth"].value != value

    @pytest.mark.parametrize("missing", ["client_id", "client_secret"])
    def test_a_provider_without_credentials_is_not_offered(
        self, missing: str, api: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(settings.SIGN_IN["weibo"], missing, "")
        answer = api.get(f"{API}weibo/authorization/")
        refused(answer, status=404, code="provider_not_configured")
        assert "oauth" not in answer.cookies
        assert begin(api, "qq")

    def test_an_unknown_provider(self, api: APIClient) -> None:
        for name in ("github", "QQ", "qqq", "q", "qq%00"):
            refused(api.get(f"{API}{name}/authorization/"), status=404, code="not_found")

    @pytest.mark.parametrize("mode", ["navigate", "no-cors", "websocket"])
    def test_a_link_or_an_image_begins_nothing(self, mode: str, api: APIClient) -> None:
        answer = api.get(f"{API}qq/authorization/", HTTP_SEC_FETCH_MODE=mode)
        refused(answer, status=403, code="not_asked_by_storefront")
        assert "oauth" not in answer.cookies

    def test_without_redis_one_is_told_to_wait(self, api: APIClient) -> None:
        with redis_down():
            answer = api.get(f"{API}qq/authorization/")
        refused(answer, status=503, code="unavailable")

    def test_one_address_cannot_fill_redis(self, api: APIClient) -> None:
        for _ in range(300):
            APIClient().get(f"{API}qq/authorization/")
        answer = api.get(f"{API}qq/authorization/")
        assert 0 < refused(answer, status=429, code="too_many_requests")["retry_after"] <= 600
