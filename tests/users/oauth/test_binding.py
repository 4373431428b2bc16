"""Binding an identity to an account, new or not."""

import base64
import json
from typing import Any

import pytest
from django.core import signing
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from apps.users.models import OAuthAccount, User
from apps.users.services import bindings
from apps.verifications.models import Purpose
from apps.verifications.store import put_sms_code
from tests.conftest import logged_in
from tests.core.refusals import refused
from tests.factories import SKUFactory, UserFactory
from tests.users.fake_provider import FakeProvider
from tests.users.oauth.conftest import (
    API,
    MOBILE,
    OPENIDS,
    PASSWORD,
    PROVIDERS,
    SMS_CODE,
    bind,
    bound,
    come_back,
    consented,
    no_rows_changed,
    token_for,
)

pytestmark = pytest.mark.django_db

each_provider = pytest.mark.parametrize("name", PROVIDERS)


class TestBinding:
    @each_provider
    def test_to_a_new_account(
        self, name: str, api: APIClient, provider: FakeProvider, sms_code: str
    ) -> None:
        token = token_for(api, provider, name)
        answer = bind(api, name, access_token=token)
        assert answer.status_code == 201, answer.content
        body = answer.json()
        assert body.keys() == {"id", "user_id", "username", "mobile", "token", "refresh"}
        user = User.objects.get()
        assert (body["id"], body["user_id"], body["mobile"]) == (user.pk, user.pk, MOBILE)
        assert body["username"] == user.username
        assert user.check_password(PASSWORD)
        account = user.oauth_accounts.get()
        assert (account.provider, account.openid) == (name, OPENIDS[name])
        assert account.unionid == (f"union-{OPENIDS[name]}" if name == "wechat" else "")
        me = APIClient(HTTP_AUTHORIZATION=f"JWT {body['token']}").get("/api/v1/user/")
        assert me.json()["mobile"] == MOBILE

        again = come_back(api, name, **consented(api, provider, name))
        assert again.json()["user_id"] == user.pk

    def test_a_new_account_can_be_logged_in_to_by_mobile(
        self, api: APIClient, access_token: str, sms_code: str
    ) -> None:
        username = bind(api, access_token=access_token).json()["username"]
        assert not username.isdigit()
        for account in (MOBILE, username):
            body = {"username": account, "password": PASSWORD}
            assert api.post("/api/v1/authorizations/", body).status_code == 200

    def test_every_new_account_has_a_valid_name_of_its_own(self) -> None:
        names = {bindings._new_username(name) for name in PROVIDERS for _ in range(50)}
        assert len(names) == 150
        for name in names:
            User(username=name, password="x").full_clean()

    @each_provider
    def test_to_ones_own(
        self, name: str, api: APIClient, owner: User, sms_code: str, provider: FakeProvider
    ) -> None:
        answer = bind(api, name, access_token=token_for(api, provider, name))
        assert answer.status_code == 201
        assert (answer.json()["id"], answer.json()["username"]) == (owner.pk, "owner")
        assert owner.oauth_accounts.get().openid == OPENIDS[name]
        owner.refresh_from_db()
        assert owner.check_password(PASSWORD)

    def test_a_mobile_may_come_as_a_number(
        self, api: APIClient, access_token: str, sms_code: str
    ) -> None:
        assert bind(api, access_token=access_token, mobile=int(MOBILE)).status_code == 201

    def test_the_cart_is_brought_along(
        self, api: APIClient, access_token: str, sms_code: str
    ) -> None:
        sku = SKUFactory()
        api.post("/api/v1/cart/", {"sku_id": sku.pk, "count": 2})
        token = bind(api, access_token=access_token).json()["token"]
        cart = APIClient(HTTP_AUTHORIZATION=f"JWT {token}").get("/api/v1/cart/").json()
        assert [(line["id"], line["count"]) for line in cart] == [(sku.pk, 2)]

    def test_one_may_have_one_of_each_provider(
        self, api: APIClient, owner: User, provider: FakeProvider
    ) -> None:
        for name in PROVIDERS:
            put_sms_code(MOBILE, SMS_CODE, purpose=Purpose.SIGN_UP)
            token = token_for(api, provider, name)
            assert bind(api, name, access_token=token).status_code == 201
        assert owner.oauth_accounts.count() == 3


class TestAccessToken:
    def test_it_is_good_once(self, api: APIClient, access_token: str, sms_code: str) -> None:
        user = User.objects.get(pk=bind(api, access_token=access_token).json()["id"])
        logged_in(user).delete(f"{API}qq/user/")
        put_sms_code(MOBILE, SMS_CODE, purpose=Purpose.SIGN_UP)
        with no_rows_changed():
            refused(bind(api, access_token=access_token), status=400, code="binding_expired")

    def test_it_is_for_one_provider(self, api: APIClient, access_token: str, sms_code: str) -> None:
        answer = bind(api, "weibo", access_token=access_token)
        refused(answer, status=400, code="binding_expired")

    def test_a_forged_one(self, api: APIClient, access_token: str, sms_code: str) -> None:
        payload = {"provider": "qq", "openid": "x", "unionid": "", "id": "x"}
        body, *rest = access_token.split(":")
        told = json.loads(base64.urlsafe_b64decode(body + "=="))
        assert told["openid"] == OPENIDS["qq"]
        other = base64.urlsafe_b64encode(json.dumps({**told, "openid": "x"}).encode()).decode()
        forged = [
            ":".join([other.rstrip("="), *rest]),
            signing.dumps(payload, key="somebody else's", salt=bindings.SALT),
            signing.dumps(payload, salt="users.something-else"),
            access_token[:-1],
            "undefined",
            "手机😀",
            ":::",
        ]
        with no_rows_changed():
            for token in forged:
                refused(bind(api, access_token=token), status=400, code="binding_expired")

    @pytest.mark.parametrize(("later", "status"), [(599, 201), (602, 400)])
    def test_it_is_good_for_ten_minutes(
        self,
        later: int,
        status: int,
        api: APIClient,
        access_token: str,
        sms_code: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        now = signing.time.time()
        monkeypatch.setattr(signing.time, "time", lambda: now + later)
        assert bind(api, access_token=access_token).status_code == status


class TestRaces:
    """Two at once: what the checks beforehand cannot see, the constraints decide."""

    @pytest.fixture(autouse=True)
    def too_early(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The first look finds nothing bound, as it would a moment earlier."""
        looks = iter([None])
        look = bindings._refuse_bound
        monkeypatch.setattr(
            bindings, "_refuse_bound", lambda *args: next(looks, look) and look(*args)
        )

    def test_for_one_identity(
        self, api: APIClient, access_token: str, stranger: User, sms_code: str
    ) -> None:
        bound(stranger, "qq")
        with no_rows_changed():
            refused(bind(api, access_token=access_token), status=400, code="already_bound")

    def test_for_one_account(
        self, api: APIClient, access_token: str, owner: User, sms_code: str
    ) -> None:
        OAuthAccount.objects.create(user=owner, provider="qq", openid="another")
        with no_rows_changed():
            refused(bind(api, access_token=access_token), status=400, code="already_bound")

    def test_for_one_mobile(
        self,
        api: APIClient,
        access_token: str,
        sms_code: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def registered_meanwhile(*args: Any, **kwargs: Any) -> None:
            UserFactory(mobile=MOBILE)

        monkeypatch.setattr(bindings, "take_sms_code", registered_meanwhile)
        refused(bind(api, access_token=access_token), status=400, code="account_taken")
        assert User.objects.count() == 1
        assert OAuthAccount.objects.count() == 0


def test_the_database_allows_no_second_one(buyer: User, stranger: User) -> None:
    bound(buyer, "qq")
    for user, openid in ((stranger, OPENIDS["qq"]), (buyer, "another")):
        with pytest.raises(IntegrityError), transaction.atomic():
            OAuthAccount.objects.create(user=user, provider="qq", openid=openid)
    OAuthAccount.objects.create(user=stranger, provider="weibo", openid=OPENIDS["qq"])
