"""Whose token is believed. The door tried here asks nothing but who is there."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from apps.users.models import User
from tests.conftest import logged_in
from tests.core.refusals import refused
from tests.factories import SKUFactory

pytestmark = pytest.mark.django_db

USER = "/api/v1/user/"


def user_with(header: str) -> Any:
    return APIClient(HTTP_AUTHORIZATION=header).get(USER)


@pytest.mark.parametrize("scheme", ["Bearer", "JWT"])
def test_both_schemes_are_understood(scheme: str, buyer: User) -> None:
    assert user_with(f"{scheme} {AccessToken.for_user(buyer)}").status_code == 200


@pytest.mark.parametrize("header", ["", "JWT undefined", "JWT null", "Bearer undefined", "Basic x"])
def test_who_has_not_logged_in_is_nobody(header: str) -> None:
    answer = user_with(header)
    refused(answer, status=401, code="not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def signed(user: User, key: str, **claims: Any) -> str:
    payload = {**AccessToken.for_user(user).payload, **claims}
    return jwt.encode(payload, key, algorithm="HS256")


def unsigned(user: User) -> str:
    return jwt.encode(AccessToken.for_user(user).payload, None, algorithm="none")


def expired(user: User) -> str:
    token = AccessToken.for_user(user)
    token.set_exp(from_time=timezone.now() - timedelta(days=2), lifetime=timedelta(days=1))
    return str(token)


class TestTokensNobodyBelieves:
    @pytest.mark.parametrize(
        "forge",
        [
            lambda user: "abc",
            lambda user: "a.b.c",
            lambda user: "é.é.é",
            lambda user: expired(user),
            lambda user: signed(user, "x" * 50),
            lambda user: signed(user, settings.SECRET_KEY[:-1]),
            lambda user: unsigned(user),
            lambda user: f"{AccessToken.for_user(user)}"[:-4] + "AAAA",
            lambda user: str(RefreshToken.for_user(user)),
        ],
        ids=[
            "a word",
            "three words",
            "not ASCII",
            "expired",
            "another key",
            "nearly our key",
            "unsigned",
            "another signature",
            "a refresh token",
        ],
    )
    @pytest.mark.parametrize("scheme", ["Bearer", "JWT"])
    def test_forged_or_stale(self, forge: Any, scheme: str, buyer: User) -> None:
        answer = user_with(f"{scheme} {forge(buyer)}")
        refused(answer, status=401, code="token_not_valid")
        assert answer["WWW-Authenticate"].startswith("Bearer")

    def test_our_own_key_is_believed(self, buyer: User) -> None:
        """The control: what the forgers imitate is what works."""
        header = f"JWT {signed(buyer, settings.SECRET_KEY)}"
        assert user_with(header).status_code == 200

    def test_two_words_too_many(self, buyer: User) -> None:
        refused(user_with("JWT a b"), status=401, code="bad_authorization_header")

    def test_a_user_who_is_gone(self, buyer: User) -> None:
        shop = logged_in(buyer)
        buyer.delete()
        refused(shop.get(USER), status=401, code="user_not_found")

    def test_a_deactivated_user(self, buyer: User) -> None:
        shop = logged_in(buyer)
        User.objects.update(is_active=False)
        refused(shop.get(USER), status=401, code="user_inactive")

    def test_a_token_older_than_the_password(self, buyer: User) -> None:
        shop = logged_in(buyer)
        assert shop.get(USER).status_code == 200
        buyer.set_password("another-horse-8")
        buyer.save()
        refused(shop.get(USER), status=401, code="password_changed")
        assert logged_in(buyer).get(USER).status_code == 200


@pytest.mark.parametrize("token", ["undefined", "garbage", "a.b.c"])
@pytest.mark.parametrize("path", ["categories/", "skus/{}/", "areas/"])
def test_a_stale_token_does_no_harm_in_the_public_catalogue(path: str, token: str) -> None:
    sku = SKUFactory()
    client = APIClient(HTTP_AUTHORIZATION=f"JWT {token}")
    assert client.get(f"/api/v1/{path.format(sku.pk)}").status_code == 200


def test_a_stale_token_does_not_keep_anyone_from_logging_in(buyer: User) -> None:
    client = APIClient(HTTP_AUTHORIZATION="JWT garbage")
    body = {"username": "buyer", "password": "correct-horse-7"}
    assert client.post("/api/v1/authorizations/", body).status_code == 200
