"""Logging in, staying logged in, and who one is."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from apps.users.models import User
from tests.core.refusals import invalid, redis_down, refused
from tests.factories import PASSWORD, UserFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

LOGIN = "/api/v1/authorizations/"
REFRESH = "/api/v1/authorizations/refresh/"
USER = "/api/v1/user/"


def log_in(api: APIClient, username: Any, password: Any = PASSWORD) -> Any:
    return api.post(LOGIN, {"username": username, "password": password})


def who(token: str) -> Any:
    return APIClient(HTTP_AUTHORIZATION=f"JWT {token}").get(USER)


class TestLogin:
    @pytest.mark.parametrize("account", ["username", "mobile"])
    def test_by_username_or_mobile(self, account: str, api: APIClient, buyer: User) -> None:
        UserFactory()
        answer = log_in(api, getattr(buyer, account))
        assert answer.status_code == 200
        session = answer.json()
        assert session.keys() == {"token", "refresh", "user_id", "username"}
        assert (session["user_id"], session["username"]) == (buyer.pk, "buyer")
        assert who(session["token"]).json()["id"] == buyer.pk

    def test_a_mobile_may_come_as_a_number(self, api: APIClient, buyer: User) -> None:
        assert log_in(api, int(buyer.mobile or 0)).json()["user_id"] == buyer.pk

    def test_spaces_belong_to_a_password(self, api: APIClient, buyer: User) -> None:
        buyer.set_password(" horse ")
        buyer.save()
        assert log_in(api, "buyer", " horse ").status_code == 200
        refused(log_in(api, "buyer", "horse"), status=400, code="wrong_credentials")

    def test_a_wrong_one_is_a_400_that_says_the_same_whoever_is_there(
        self, api: APIClient, buyer: User
    ) -> None:
        UserFactory(username="gone", mobile="13700000000", is_active=False)
        with unchanged():
            bodies = [
                refused(answer, status=400, code="wrong_credentials")
                for answer in (
                    log_in(api, "nobody"),
                    log_in(api, "13712345678"),
                    log_in(api, "buyer", "wrong-horse-7"),
                    log_in(api, buyer.mobile, "wrong-horse-7"),
                    log_in(api, "gone"),
                    log_in(api, "13700000000"),
                )
            ]
        assert all(body == bodies[0] for body in bodies)

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({}, ["username", "password"]),
            ({"username": "", "password": ""}, ["username", "password"]),
            ({"username": None, "password": None}, ["username", "password"]),
            ({"username": ["buyer"], "password": {"a": 1}}, ["username", "password"]),
            ({"username": True, "password": PASSWORD}, ["username"]),
            ({"username": "x" * 21, "password": "x" * 129}, ["username", "password"]),
            ({"username": "bu\0yer", "password": "\0"}, ["username", "password"]),
        ],
        ids=str,
    )
    def test_what_cannot_be_a_login(self, body: dict, fields: list, api: APIClient) -> None:
        invalid(api.post(LOGIN, body), *fields)

    def test_half_a_character(self, api: APIClient) -> None:
        body = r'{"username": "\ud800", "password": "\ud800"}'
        answer = api.generic("POST", LOGIN, body, content_type="application/json")
        invalid(answer, "username", "password")

    def test_no_password_needed_to_be_refused_a_get(self, api: APIClient) -> None:
        refused(api.get(LOGIN), status=405, code="method_not_allowed")

    def test_without_redis_one_can_log_in(self, api: APIClient, buyer: User) -> None:
        with redis_down():
            answer = log_in(api, "buyer")
            assert answer.status_code == 200
            assert who(answer.json()["token"]).status_code == 200


class TestRefresh:
    @pytest.fixture
    def token(self, buyer: User) -> RefreshToken:
        return RefreshToken.for_user(buyer)

    def test_it_gives_a_new_access_token(self, api: APIClient, buyer: User) -> None:
        refresh = log_in(api, "buyer").json()["refresh"]
        answer = api.post(REFRESH, {"refresh": refresh})
        assert answer.status_code == 200
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


class TestAccountNames:
    @pytest.mark.parametrize("username", ["13912345678", "19900000000", "1390000000x", "139"])
    def test_a_username_may_not_look_like_a_mobile(self, username: str) -> None:
        """Or it would shadow the mobile's owner at the login."""
        candidate = UserFactory.build(username=username, mobile="13600000000")
        if len(username) == 11 and username.isdigit():
            with pytest.raises(ValidationError) as refusal:
                candidate.full_clean()
            assert refusal.value.message_dict.keys() == {"username"}
        else:
            candidate.full_clean()

    @pytest.mark.parametrize(
        "mobile", ["12000000000", "1390000000", "139000000000", "1390000000\n"]
    )
    def test_what_is_no_mobile(self, mobile: str) -> None:
        with pytest.raises(ValidationError) as refusal:
            UserFactory.build(mobile=mobile).full_clean()
        assert refusal.value.message_dict.keys() == {"mobile"}

    def test_two_operators_may_both_have_no_mobile(self) -> None:
        assert UserFactory(mobile=None).pk != UserFactory(mobile=None).pk
