"""Staying logged in, logging out, and who one is."""

from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from apps.core.redis import connection, key
from apps.users.models import User
from tests.core.refusals import invalid, redis_down, refused
from tests.users.accounts import LOGOUT, REFRESH, USER, log_in, who
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(buyer: User) -> RefreshToken:
    return RefreshToken.for_user(buyer)


class TestRefresh:
    def test_it_gives_a_new_access_token(self, api: APIClient, buyer: User) -> None:
        refresh = log_in(api, "buyer").json()["refresh"]
        answer = api.post(REFRESH, {"refresh": refresh})
        assert answer.status_code == 200
        assert answer.json().keys() == {"access"}
        assert who(answer.json()["access"]).json()["id"] == buyer.pk

    def test_a_forged_one(self, api: APIClient, token: RefreshToken) -> None:
        forged = jwt.encode(token.payload, "x" * 50, algorithm="HS256")
        unsigned = jwt.encode(token.payload, None, algorithm="none")
        for each in (forged, unsigned, str(token)[:-4] + "AAAA", "a.b.c", "undefined"):
            refused(api.post(REFRESH, {"refresh": each}), status=401, code="token_not_valid")
        ours = jwt.encode(token.payload, settings.SECRET_KEY, algorithm="HS256")
        assert api.post(REFRESH, {"refresh": ours}).status_code == 200

    def test_an_expired_one(self, api: APIClient, token: RefreshToken) -> None:
        token.set_exp(lifetime=-timedelta(seconds=1))
        refused(api.post(REFRESH, {"refresh": str(token)}), status=401, code="token_not_valid")

    def test_an_access_token_is_none(self, api: APIClient, buyer: User) -> None:
        access = str(AccessToken.for_user(buyer))
        refused(api.post(REFRESH, {"refresh": access}), status=401, code="token_not_valid")

    def test_and_a_refresh_token_opens_nothing(self, token: RefreshToken) -> None:
        refused(who(str(token)), status=401, code="token_not_valid")

    def test_a_changed_password_makes_it_void(
        self, api: APIClient, buyer: User, token: RefreshToken
    ) -> None:
        buyer.set_password("another-horse-8")
        buyer.save()
        refused(api.post(REFRESH, {"refresh": str(token)}), status=401, code="password_changed")

    def test_of_a_deactivated_user(self, api: APIClient, token: RefreshToken) -> None:
        User.objects.update(is_active=False)
        refused(api.post(REFRESH, {"refresh": str(token)}), status=401, code="user_inactive")

    def test_of_a_user_who_is_gone(self, api: APIClient, buyer: User, token: RefreshToken) -> None:
        buyer.delete()
        refused(api.post(REFRESH, {"refresh": str(token)}), status=401, code="user_not_found")

    @pytest.mark.parametrize("body", [{}, {"refresh": None}, {"refresh": ""}, {"refresh": [1]}])
    def test_none_at_all(self, body: dict, api: APIClient) -> None:
        invalid(api.post(REFRESH, body), "refresh")

    def test_without_redis_nobody_knows_whether_it_was_logged_out(
        self, api: APIClient, token: RefreshToken
    ) -> None:
        with redis_down():
            refused(api.post(REFRESH, {"refresh": str(token)}), status=503, code="unavailable")


class TestLogout:
    def test_the_refresh_token_is_worth_nothing_any_more(
        self, api: APIClient, buyer: User, token: RefreshToken
    ) -> None:
        session = log_in(api, "buyer").json()
        answer = api.post(LOGOUT, {"refresh": session["refresh"]})
        assert (answer.status_code, answer.content) == (204, b"")
        answer = api.post(REFRESH, {"refresh": session["refresh"]})
        refused(answer, status=401, code="token_not_valid")
        # Another device stays.
        assert api.post(REFRESH, {"refresh": str(token)}).status_code == 200

    def test_again_is_as_good_as_once(self, api: APIClient, token: RefreshToken) -> None:
        for _ in range(2):
            assert api.post(LOGOUT, {"refresh": str(token)}).status_code == 204

    def test_it_is_remembered_as_long_as_the_token_would_have_lived(
        self, api: APIClient, token: RefreshToken
    ) -> None:
        token.set_exp(lifetime=timedelta(seconds=1000))
        api.post(LOGOUT, {"refresh": str(token)})
        assert 990 < connection("codes").ttl(key(f"session:ended:{token['jti']}")) <= 1000

    def test_only_a_refresh_token_of_ours_ends_anything(
        self, api: APIClient, buyer: User, token: RefreshToken
    ) -> None:
        forged = jwt.encode(token.payload, "x" * 50, algorithm="HS256")
        with unchanged():
            for each in (forged, str(AccessToken.for_user(buyer)), "undefined"):
                answer = api.post(LOGOUT, {"refresh": each})
                refused(answer, status=401, code="token_not_valid")

    @pytest.mark.parametrize("body", [{}, {"refresh": None}, {"refresh": ""}, {"refresh": [1]}])
    def test_none_at_all(self, body: dict, api: APIClient) -> None:
        invalid(api.post(LOGOUT, body), "refresh")

    def test_without_redis_it_cannot_be_promised(self, api: APIClient, token: RefreshToken) -> None:
        with redis_down():
            refused(api.post(LOGOUT, {"refresh": str(token)}), status=503, code="unavailable")


class TestUser:
    def test_who_is_logged_in(self, shop: APIClient, buyer: User) -> None:
        User.objects.filter(pk=buyer.pk).update(email="buyer@shop.example")
        answer = shop.get(USER)
        assert answer.status_code == 200
        assert answer.json() == {
            "id": buyer.pk,
            "username": "buyer",
            "mobile": buyer.mobile,
            "email": "buyer@shop.example",
            "email_active": False,
        }

    def test_nobody_is_nobody(self, api: APIClient) -> None:
        refused(api.get(USER), status=401, code="not_authenticated")
