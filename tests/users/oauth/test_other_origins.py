"""A storefront on another origin, as the ones written for this mall are: its first request carries no cookies."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from apps.users.models import User
from tests.core.refusals import redis_down, refused
from tests.users.fake_provider import FakeProvider
from tests.users.oauth.conftest import API, OPENIDS, PROVIDERS, back, bound, come_back

pytestmark = pytest.mark.django_db

FRONT = "http://www.meiduo.site:8080"
SECOND = "http://m.meiduo.site:8080"
DETOUR = f"{API}qq/detour/"


@pytest.fixture(autouse=True)
def front(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "FRONT_URL", FRONT)
    monkeypatch.setattr(settings, "CORS_ALLOWED_ORIGINS", [FRONT, SECOND])


def asked_without_cookies(name: str, **query: str) -> Any:
    return APIClient().get(f"{API}{name}/authorization/", query, HTTP_ORIGIN=FRONT)


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_whole_way(name: str, api: APIClient, provider: FakeProvider, buyer: User) -> None:
    bound(buyer, name)
    answer = asked_without_cookies(name, state="/cart.html")
    assert answer.status_code == 200
    assert "oauth" not in answer.cookies
    login_url = urlsplit(answer.json()["login_url"])
    assert (login_url.scheme, login_url.netloc) == ("http", "testserver")

    onward = api.get(f"{login_url.path}?{login_url.query}", HTTP_REFERER=f"{FRONT}/login.html")
    assert onward.status_code == 302
    assert onward.cookies["oauth"]["httponly"]
    location = provider.consent(onward["Location"], OPENIDS[name])
    assert back(location)["state"] == "/cart.html"

    answer = come_back(api, name, code=back(location)["code"])
    assert answer.json()["user_id"] == buyer.pk


@pytest.mark.parametrize(
    ("state", "status"),
    [("/cart.html", 200), ("/", 400), ("", 400), ("//cart.html", 400), ("/cart.html?", 400)],
)
def test_the_state_may_be_sent_and_must_be_right_then(
    state: str, status: int, api: APIClient, provider: FakeProvider
) -> None:
    onward = api.get(DETOUR, {"next": "/cart.html"}, HTTP_REFERER=f"{FRONT}/login.html")
    code = back(provider.consent(onward["Location"], OPENIDS["qq"]))["code"]
    assert come_back(api, "qq", code=code, state=state).status_code == status


def test_two_tabs_for_one_page(api: APIClient, provider: FakeProvider) -> None:
    codes = []
    for _ in range(2):
        onward = api.get(DETOUR, {"next": "/cart.html"}, HTTP_REFERER=f"{FRONT}/login.html")
        codes.append(back(provider.consent(onward["Location"], OPENIDS["qq"]))["code"])
    for code in codes:
        assert come_back(api, "qq", code=code, state="/cart.html").status_code == 200


def test_it_cannot_be_finished_in_another_browser(
    api: APIClient, provider: FakeProvider, buyer: User
) -> None:
    bound(buyer, "qq")
    onward = api.get(DETOUR, HTTP_REFERER=f"{FRONT}/login.html")
    code = back(provider.consent(onward["Location"], OPENIDS["qq"]))["code"]
    refused(come_back(APIClient(), "qq", code=code), status=400, code="sign_in_not_begun")
    assert come_back(api, "qq", code=code).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_REFERER": f"{FRONT}/login.html"},
        {"HTTP_REFERER": f"{FRONT}/"},
        {"HTTP_REFERER": f"{SECOND}/login.html"},
        {"HTTP_REFERER": "http://testserver/login.html"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_SEC_FETCH_SITE": "same-origin"},
    ],
    ids=str,
)
def test_a_link_on_a_page_of_ours(headers: dict[str, str], api: APIClient) -> None:
    answer = api.get(DETOUR, {"next": "/cart.html"}, **headers)
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer["Location"]).query)["state"] == ["/cart.html"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_REFERER": "https://evil.example/"},
        {"HTTP_REFERER": "http://www.meiduo.site:8080.evil.example/"},
        {"HTTP_REFERER": "http://evil.example/http://www.meiduo.site:8080/"},
        {"HTTP_REFERER": "http://www.meiduo.site:8080@evil.example/"},
        {"HTTP_REFERER": "http://[/", "HTTP_SEC_FETCH_SITE": "same-origin"},
        {"HTTP_REFERER": "https://evil.example/", "HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "none"},
    ],
    ids=str,
)
def test_a_link_anywhere_else(headers: dict[str, str], api: APIClient) -> None:
    answer = api.get(DETOUR, **headers)
    refused(answer, status=403, code="not_asked_by_storefront")
    assert "oauth" not in answer.cookies


def test_the_detour_leads_home_only(api: APIClient) -> None:
    answer = api.get(DETOUR, {"next": "//evil.example"}, HTTP_REFERER=f"{FRONT}/login.html")
    assert parse_qs(urlsplit(answer["Location"]).query)["state"] == ["/"]


def test_what_is_not_configured_is_not_offered(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.SIGN_IN["qq"], "client_secret", "")
    for answer in (
        asked_without_cookies("qq"),
        api.get(DETOUR, HTTP_REFERER=f"{FRONT}/login.html"),
    ):
        refused(answer, status=404, code="provider_not_configured")


def test_without_redis(api: APIClient) -> None:
    with redis_down():
        answer = api.get(DETOUR, HTTP_REFERER=f"{FRONT}/login.html")
    refused(answer, status=503, code="unavailable")


def test_an_origin_of_our_own_is_not_another(api: APIClient, provider: FakeProvider) -> None:
    answer = api.get(f"{API}qq/authorization/", HTTP_ORIGIN="http://testserver")
    assert answer.json()["login_url"].startswith(provider.address)
    assert "oauth" in answer.cookies


@pytest.mark.parametrize("origin", ["null", "http://[", "x", "https://testserver.evil.example"])
def test_odd_origins_are_others(origin: str, api: APIClient) -> None:
    answer = api.get(f"{API}qq/authorization/", HTTP_ORIGIN=origin)
    assert urlsplit(answer.json()["login_url"]).path == DETOUR
    assert "oauth" not in answer.cookies
