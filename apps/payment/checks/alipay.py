"""Alipay: key mode, or certificate mode where the three certificates are named."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from apps.payment.checks.addresses import check_address, warn_of_plain_notices, warn_of_sandbox
from apps.payment.checks.files import (
    MAKE_KEYS,
    check_certificate,
    check_key,
    check_that_they_fit,
    check_who_can_read,
)

PROVIDER = "alipay"
CERTIFICATES = {
    "app_cert": "ALIPAY_APP_CERT",
    "alipay_cert": "ALIPAY_CERT",
    "alipay_root_cert": "ALIPAY_ROOT_CERT",
}


@register("payment")
def check_alipay(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if PROVIDER not in settings.PAYMENT_GATEWAYS:
        return []
    config = settings.ALIPAY
    return [
        *check_key(
            config["app_private_key"],
            setting="ALIPAY_APP_PRIVATE_KEY",
            private=True,
            ids=("payment.E001", "payment.E002"),
            hint=f"Make it with: {MAKE_KEYS}",
        ),
        *_check_trust(config),
        *_check_numbers(config),
        *_check_addresses(config),
    ]


@register("payment", deploy=True)
def check_alipay_deployment(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    if PROVIDER not in settings.PAYMENT_GATEWAYS:
        return
    config = settings.ALIPAY
    yield from check_who_can_read(config["app_private_key"])
    yield from warn_of_sandbox(
        config["gateway_url"],
        setting="ALIPAY_GATEWAY_URL",
        real="https://openapi.alipay.com/gateway.do",
        number="payment.W002",
    )
    yield from warn_of_plain_notices(config["notify_url"], setting="ALIPAY_NOTIFY_URL")


def _check_trust(config: dict[str, Any]) -> Iterator[CheckMessage]:
    """What Alipay's signatures are checked with: its public key, or its certificates."""
    named = {setting: config[name] for name, setting in CERTIFICATES.items() if config[name]}
    if not named:
        yield from check_key(
            config["alipay_public_key"],
            setting="ALIPAY_PUBLIC_KEY",
            private=False,
            ids=("payment.E003", "payment.E004"),
            hint="For the sandbox make it with: "
            f"{MAKE_KEYS}. For Alipay itself download it from the console (not your app's own public key).",
        )
    elif len(named) < len(CERTIFICATES):
        missing = sorted(set(CERTIFICATES.values()) - set(named))
        yield Error(
            f"{', '.join(sorted(named))} set, and {', '.join(missing)} not.",
            hint="Certificate mode needs all three; without any of them the shop uses keys alone.",
            id="payment.E007",
        )
    else:
        yield from _check_certificates(named, config["app_private_key"])


def _check_certificates(named: dict[str, Path], private: Path) -> Iterator[CheckMessage]:
    for setting, path in named.items():
        yield from check_certificate(
            path,
            setting=setting,
            ids=("payment.E008", "payment.W003"),
            hint="Download it from Alipay's console, as it is.",
        )
    yield from check_that_they_fit(
        named["ALIPAY_APP_CERT"],
        private,
        settings=("ALIPAY_APP_CERT", "ALIPAY_APP_PRIVATE_KEY"),
        number="payment.E009",
    )


def _check_numbers(config: dict[str, Any]) -> Iterator[CheckMessage]:
    for name in ("app_id", "seller_id"):
        if not (config[name].isascii() and config[name].isdigit()):
            yield Error(
                f"ALIPAY_{name.upper()} is {config[name]!r}, not a number.",
                hint="Copy it from Alipay's console.",
                id="payment.E005",
            )


def _check_addresses(config: dict[str, Any]) -> Iterator[CheckMessage]:
    for name in ("gateway_url", "notify_url", "return_url"):
        yield from check_address(
            config[name], setting=f"ALIPAY_{name.upper()}", number="payment.E006"
        )
