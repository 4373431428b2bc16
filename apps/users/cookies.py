"""The cookie by which a browser is known again when it comes back from QQ, WeChat or Weibo (ADR 0007)."""

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.users.store.sign_in import SIGN_IN_SECONDS

NAME = "oauth"
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def browser_of(request: HttpRequest) -> str | None:
    """The secret in the cookie, unless there is none or it cannot be one of ours."""
    secret = request.COOKIES.get(NAME, "")
    return secret if SECRET.fullmatch(secret) else None


def new_browser() -> str:
    return secrets.token_urlsafe(32)


def remember(response: HttpResponse, browser: str) -> None:
    """Let the browser keep its secret until it is back."""
    response.set_cookie(
        NAME,
        browser,
        max_age=SIGN_IN_SECONDS,
        path=reverse("oauth-list"),
        httponly=True,
        **settings.CART_COOKIE,
    )
