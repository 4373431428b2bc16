from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register("carts")
def check_cookie(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    samesite = settings.CART_COOKIE["samesite"].lower()
    if samesite not in {"lax", "strict", "none"}:
        yield Error(
            f"CART_COOKIE_SAMESITE is {settings.CART_COOKIE['samesite']!r}.",
            hint="It can be Lax, Strict or None.",
            id="carts.E001",
        )
    if samesite == "none" and not settings.CART_COOKIE["secure"]:
        yield Error(
            "Browsers throw away a cookie with SameSite=None that is not Secure: visitors would have no carts.",
            hint="Set SITE_URL to the https:// address, or CART_COOKIE_SAMESITE to Lax.",
            id="carts.E002",
        )
