"""Back from QQ, WeChat or Weibo with a code: whole ways over a socket."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.users.models import OAuthAccount, User
from tests.core.refusals import refused
from tests.factories import SKUFactory, UserFactory
from tests.users.fake_provider import FakeProvider
from tests.users.oauth.conftest import (
    PROVIDERS,
    begin,
    bound,
    come_back,
    consented,
    no_rows_changed,
)

pytestmark = pytest.mark.django_db

each_provider = pytest.mark.parametrize("name", PROVIDERS)


@each_provider
class TestComingBack:
    def test_who_is_bound_is_logged_in(
        self, name: str, api: APIClient, provider: FakeProvider, buyer: User
    ) -> None:
        bound(buyer, name)
        answer = come_back(api, name, **consented(api, provider, name))
        assert answer.status_code == 200
        session = answer.json()
        assert session.keys() == {"token", "refresh", "user_id", "username"}
        assert (session["user_id"], session["username"]) == (buyer.pk, "buyer")
        me = APIClient(HTTP_AUTHORIZATION=f"JWT {session['token']}").get("/api/v1/user/")
        assert me.json()["id"] == buyer.pk

    def test_who_is_not_bound_gets_a_token_and_nothing_else(
        self, name: str, api: APIClient, provider: FakeProvider
    ) -> None:
        with no_rows_changed():
            answer = come_back(api, name, **consented(api, provider, name))
        assert answer.status_code == 200
        assert answer.json().keys() == {"access_token"}

    def test_the_code_alone_does(
        self,
        name: str,
        api: APIClient,
        provider: FakeProvider,
        buyer: User,
        django_assert_num_queries: Any,
    ) -> None:
        bound(buyer, name)
        code = consented(api, provider, name)["code"]
        with django_assert_num_queries(1):
            answer = come_back(api, name, code=code)
        assert answer.json()["user_id"] == buyer.pk

    def test_another_ones_identity_is_not_mine(
        self, name: str, api: APIClient, provider: FakeProvider, buyer: User
    ) -> None:
        bound(buyer, name)
        answer = come_back(api, name, **consented(api, provider, name, openid="somebody-else"))
        assert answer.json().keys() == {"access_token"}

    def test_a_code_is_good_once(
        self, name: str, api: APIClient, provider: FakeProvider, buyer: User
    ) -> None:
        bound(buyer, name)
        first = consented(api, provider, name)
        assert come_back(api, name, **first).status_code == 200
        refused(come_back(api, name, **first), status=400, code="sign_in_not_begun")
        begin(api, name)  # a new beginning does not make the old code new
        refused(come_back(api, name, code=first["code"]), status=400, code="code_rejected")

    def test_a_code_that_the_provider_does_not_know(
        self, name: str, api: APIClient, provider: FakeProvider
    ) -> None:
        state = consented(api, provider, name)["state"]
        answer = come_back(api, name, code="CODE-of-mine", state=state)
        refused(answer, status=400, code="code_rejected")

    def test_a_code_that_was_used_behind_our_back(
        self, name: str, api: APIClient, provider: FakeProvider
    ) -> None:
        query = consented(api, provider, name)
        provider.used.add(query["code"])
        refused(come_back(api, name, **query), status=400, code="code_rejected")

    def test_a_disabled_account_stays_outside(
        self, name: str, api: APIClient, provider: FakeProvider
    ) -> None:
        bound(UserFactory(is_active=False), name)
        answer = come_back(api, name, **consented(api, provider, name))
        refused(answer, status=400, code="account_disabled")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"code": ""},
        {"code": "null"},
        {"code": "undefined"},
        {"state": "/"},
        {"usercancel": "1"},
    ],
    ids=str,
)
def test_without_a_code(query: dict[str, str], api: APIClient) -> None:
    begin(api, "qq")
    body = refused(come_back(api, "qq", **query), status=400, code="missing_code")
    assert body["message"] == "缺少code"


@pytest.mark.parametrize("code", ["\x00", "手机😀", "x" * 100_000, "' OR 1=1 --", "a b&c=d#e%"])
def test_odd_codes_are_rejected(code: str, api: APIClient) -> None:
    begin(api, "qq")
    refused(come_back(api, "qq", code=code), status=400, code="code_rejected")


def test_openids_mind_case(
    api: APIClient, provider: FakeProvider, buyer: User, stranger: User
) -> None:
    OAuthAccount.objects.create(user=buyer, provider="wechat", openid="oABCdef")
    for openid, is_theirs in (("oabcDEF", False), ("oABCdef", True)):
        answer = come_back(api, "wechat", **consented(api, provider, "wechat", openid=openid))
        assert ("user_id" in answer.json()) is is_theirs
    OAuthAccount.objects.create(user=stranger, provider="wechat", openid="oabcDEF")


def test_a_cart_is_brought_along(api: APIClient, provider: FakeProvider, buyer: User) -> None:
    bound(buyer, "qq")
    sku = SKUFactory()
    assert api.post("/api/v1/cart/", {"sku_id": sku.pk, "count": 2}).status_code == 201
    answer = come_back(api, "qq", **consented(api, provider, "qq"))
    cart = APIClient(HTTP_AUTHORIZATION=f"JWT {answer.json()['token']}").get("/api/v1/cart/")
    assert [(line["id"], line["count"]) for line in cart.json()] == [(sku.pk, 2)]
    assert answer.cookies["cart"].value == ""


def test_a_stale_token_does_no_harm(api: APIClient, provider: FakeProvider, buyer: User) -> None:
    bound(buyer, "qq")
    api.credentials(HTTP_AUTHORIZATION="JWT undefined")
    query = consented(api, provider, "qq")
    api.credentials(HTTP_AUTHORIZATION="JWT a.b.c")
    assert come_back(api, "qq", **query).status_code == 200
