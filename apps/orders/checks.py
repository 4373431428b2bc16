"""What can be seen to be wrong with the tracking settings without calling anybody."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

GATEWAYS = ("", "kuaidi100", "sandbox")


@register("orders")
def check_tracking(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    if settings.TRACKING_GATEWAY not in GATEWAYS:
        yield Error(
            f"TRACKING_GATEWAY is {settings.TRACKING_GATEWAY!r}.",
            hint="It is kuaidi100, sandbox, or empty: then no carrier is asked where parcels are.",
            id="orders.E001",
        )
    if settings.TRACKING_GATEWAY == "kuaidi100":
        yield from _kuaidi100()


@register("orders", deploy=True)
def check_tracking_deployment(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """That nobody is asked is a merchant's choice; that buyers read invented stories is not."""
    if settings.TRACKING_GATEWAY == "sandbox":
        yield checks.Warning(
            "TRACKING_GATEWAY is sandbox: what buyers read of their parcels is made up.",
            hint="Set it to kuaidi100, or to nothing.",
            id="orders.W001",
        )


def _kuaidi100() -> Iterator[CheckMessage]:
    for name in ("customer", "key"):
        if not settings.TRACKING[name]:
            yield Error(
                f"TRACKING_GATEWAY is kuaidi100, and KUAIDI100_{name.upper()} is not set.",
                hint="Copy it from 快递100's console, 企业信息.",
                id="orders.E002",
            )
    if urlsplit(settings.TRACKING["url"]).scheme != "https":
        # The form has consignees' phones in it.
        yield Error(
            f"KUAIDI100_URL is {settings.TRACKING['url']!r}.",
            hint="It must be an absolute address that begins with https://.",
            id="orders.E003",
        )
