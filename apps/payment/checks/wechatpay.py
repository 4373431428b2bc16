"""WeChat Pay: our certificate, the APIv3 key, and WeChat Pay's public key unless it signs by platform certificates."""

import re
from collections.abc import Iterator
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

PROVIDER = "wechatpay"
# WeChat Pay's rule: the key of AES-256 as it stands.
APIV3_KEY_BYTES = 32
NUMBERS = (
    ("mchid", "WECHATPAY_MCHID", re.compile(r"[0-9]{8,32}"), "digits"),
    ("app_id", "WECHATPAY_APPID", re.compile(r"wx[0-9a-z]{16}"), "wx and 16 letters or digits"),
    (
        "public_key_id",
        "WECHATPAY_PUBLIC_KEY_ID",
        re.compile(r"(PUB_KEY_ID_[0-9A-Z]+)?"),
        "PUB_KEY_ID_ and more",
    ),
)


@register("payment")
def check_wechatpay(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if PROVIDER not in settings.PAYMENT_GATEWAYS:
        return []
    config = settings.WECHATPAY
    return [
        *check_key(
            config["merchant_private_key"],
            setting="WECHATPAY_MERCHANT_PRIVATE_KEY",
            private=True,
            ids=("payment.E010", "payment.E011"),
            hint=f"It is apiclient_key.pem of WeChat's certificate tool; for the sandbox: {MAKE_KEYS}",
        ),
        *check_certificate(
            config["merchant_cert"],
            setting="WECHATPAY_MERCHANT_CERT",
            ids=("payment.E012", "payment.W003"),
            hint=f"It is apiclient_cert.pem of WeChat Pay's console; for the sandbox: {MAKE_KEYS}",
        ),
        *check_that_they_fit(
            config["merchant_cert"],
            config["merchant_private_key"],
            settings=("WECHATPAY_MERCHANT_CERT", "WECHATPAY_MERCHANT_PRIVATE_KEY"),
            number="payment.E013",
        ),
        *_check_apiv3_key(config),
        *_check_public_key(config),
        *_check_numbers(config),
        *_check_addresses(config),
    ]


@register("payment", deploy=True)
def check_wechatpay_deployment(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    if PROVIDER not in settings.PAYMENT_GATEWAYS:
        return
    config = settings.WECHATPAY
    yield from check_who_can_read(config["merchant_private_key"])
    yield from warn_of_sandbox(
        config["gateway_url"],
        setting="WECHATPAY_GATEWAY_URL",
        real="https://api.mch.weixin.qq.com",
        number="payment.W004",
    )
    yield from warn_of_plain_notices(config["notify_url"], setting="WECHATPAY_NOTIFY_URL")


def _check_apiv3_key(config: dict[str, Any]) -> Iterator[CheckMessage]:
    """Its characters are not shown: it is a secret."""
    length = len(config["apiv3_key"].encode())
    if length != APIV3_KEY_BYTES:
        yield Error(
            f"WECHATPAY_APIV3_KEY: the APIv3 key has {length} bytes; it must have {APIV3_KEY_BYTES}.",
            hint=f"Copy the one that you set at WeChat Pay's console; for the sandbox: {MAKE_KEYS}",
            id="payment.E014",
        )


def _check_public_key(config: dict[str, Any]) -> Iterator[CheckMessage]:
    # Without its number WeChat Pay signs by platform certificates, which the shop fetches.
    if config["public_key_id"]:
        yield from check_key(
            config["public_key"],
            setting="WECHATPAY_PUBLIC_KEY",
            private=False,
            ids=("payment.E015", "payment.E016"),
            hint=f"Download it from WeChat Pay's console; for the sandbox: {MAKE_KEYS}",
        )


def _check_numbers(config: dict[str, Any]) -> Iterator[CheckMessage]:
    for name, setting, form, said in NUMBERS:
        if not form.fullmatch(config[name]):
            yield Error(
                f"{setting} is {config[name]!r}, not {said}.",
                hint="Copy it from WeChat Pay's console.",
                id="payment.E017",
            )


def _check_addresses(config: dict[str, Any]) -> Iterator[CheckMessage]:
    for name in ("gateway_url", "notify_url", "return_url"):
        yield from check_address(
            config[name], setting=f"WECHATPAY_{name.upper()}", number="payment.E018"
        )
