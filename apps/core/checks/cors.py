from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

DEFAULT_PORTS = {"http": 80, "https": 443}


@register("cors")
def check_origins(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """What django-cors-headers lets pass although no storefront's browser ever sends it, or anybody's may."""
    for origin in settings.CORS_ALLOWED_ORIGINS:
        if origin == "null":
            yield Error(
                "CORS_ALLOWED_ORIGINS has null, which any page can make its origin.",
                hint="Name the storefront's own origin, such as https://www.shop.example",
                id="core.E021",
            )
        elif (sent := _as_browsers_send_it(origin)) != origin:
            yield Error(
                f"CORS_ALLOWED_ORIGINS has {origin!r}, which no browser sends.",
                hint=f"Write it as browsers do: {sent}",
                id="core.E022",
            )


def _as_browsers_send_it(origin: str) -> str:
    parts = urlsplit(origin if "://" in origin else f"https://{origin}")
    default = f":{DEFAULT_PORTS.get(parts.scheme, '')}"
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(default)}"
