"""What can be seen to be wrong with the payment settings without calling anybody."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from Crypto.PublicKey import RSA
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

MAKE_KEYS = "python manage.py make_keys"


@register("payment")
def check_alipay(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    config = settings.ALIPAY
    return [
        *_key(
            config["app_private_key"],
            setting="ALIPAY_APP_PRIVATE_KEY",
            private=True,
            ids=("payment.E001", "payment.E002"),
            hint=f"Make it with: {MAKE_KEYS}",
        ),
        *_key(
            config["alipay_public_key"],
            setting="ALIPAY_PUBLIC_KEY",
            private=False,
            ids=("payment.E003", "payment.E004"),
            hint="For the sandbox make it with: "
            f"{MAKE_KEYS}. For Alipay itself download it from the console (not your app's own public key).",
        ),
        *_numbers(config),
        *_addresses(config),
    ]


@register("payment", deploy=True)
def check_alipay_deployment(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    path: Path = settings.ALIPAY["app_private_key"]
    if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield checks.Warning(
            f"Others can read {path}.", hint=f"Run: chmod 600 {path}", id="payment.W001"
        )
    gateway = urlsplit(settings.ALIPAY["gateway_url"])
    if gateway.scheme != "https":
        yield checks.Warning(
            f"ALIPAY_GATEWAY_URL is {gateway.geturl()}: payments go to a sandbox.",
            hint="Set it to https://openapi.alipay.com/gateway.do",
            id="payment.W002",
        )


def _key(
    path: Path, *, setting: str, private: bool, ids: tuple[str, str], hint: str
) -> Iterator[CheckMessage]:
    if not path.is_file():
        yield Error(f"{setting}: there is no file {path}.", hint=hint, id=ids[0])
        return
    kind = "private" if private else "public"
    try:
        key = RSA.import_key(path.read_bytes())
        fits = key.has_private() == private and key.size_in_bits() >= 2048
    except (ValueError, IndexError, TypeError, OSError):
        fits = False
    if not fits:
        yield Error(
            f"{setting}: {path} is not a {kind} RSA key of at least 2048 bits in PEM form.",
            hint=f"A bare Base64 key needs the BEGIN and END lines around it. {hint}",
            id=ids[1],
        )


def _numbers(config: dict[str, Any]) -> Iterator[CheckMessage]:
    for name in ("app_id", "seller_id"):
        if not config[name].isdigit():
            yield Error(
                f"ALIPAY_{name.upper()} is {config[name]!r}, not a number.",
                hint="Copy it from Alipay's console.",
                id="payment.E005",
            )


def _addresses(config: dict[str, Any]) -> Iterator[CheckMessage]:
    for name in ("gateway_url", "notify_url", "return_url"):
        parts = urlsplit(config[name])
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query:
            yield Error(
                f"ALIPAY_{name.upper()} is {config[name]!r}.",
                hint="It must be an absolute address without a query string.",
                id="payment.E006",
            )
