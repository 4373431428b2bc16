"""What a storefront does with accounts."""

from typing import Any

from rest_framework.test import APIClient

from tests.factories import PASSWORD

API = "/api/v1/"
USERS = f"{API}users/"
LOGIN = f"{API}authorizations/"
REFRESH = f"{API}authorizations/refresh/"
LOGOUT = f"{API}authorizations/logout/"
USER = f"{API}user/"


def log_in(api: APIClient, username: Any, password: Any = PASSWORD, *, at: str = "1.2.3.4") -> Any:
    return api.post(LOGIN, {"username": username, "password": password}, REMOTE_ADDR=at)


def who(token: str) -> Any:
    return APIClient(HTTP_AUTHORIZATION=f"JWT {token}").get(USER)


def password_of(user_id: int) -> str:
    return f"{USERS}{user_id}/password/"
