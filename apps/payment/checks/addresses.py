"""Addresses, as far as one sees by looking at them."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.core import checks
from django.core.checks import CheckMessage, Error


def check_address(address: str, *, setting: str, number: str) -> Iterator[CheckMessage]:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query:
        yield Error(
            f"{setting} is {address!r}.",
            hint="It must be an absolute address without a query string.",
            id=number,
        )


def warn_of_sandbox(
    address: str, *, setting: str, real: str, number: str
) -> Iterator[CheckMessage]:
    if urlsplit(address).scheme != "https":
        yield checks.Warning(
            f"{setting} is {address}: payments go to a sandbox.",
            hint=f"Set it to {real}",
            id=number,
        )


def warn_of_plain_notices(address: str, *, setting: str) -> Iterator[CheckMessage]:
    if urlsplit(address).scheme != "https":
        yield checks.Warning(
            f"{setting} is {address}: a provider sends its notices over HTTPS only.",
            hint="Set SITE_URL to the address of the shop, which begins with https://.",
            id="payment.W005",
        )
