"""What can be seen to be wrong with the SMS settings without calling anybody."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

GATEWAYS = ("console", "aliyun")
SDK = "alibabacloud_dysmsapi20170525"


@register("verifications")
def check_sms(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    if settings.SMS_GATEWAY not in GATEWAYS:
        yield Error(
            f"SMS_GATEWAY is {settings.SMS_GATEWAY!r}.",
            hint=f"It is one of: {', '.join(GATEWAYS)}.",
            id="verifications.E001",
        )
    if settings.SMS_GATEWAY == "aliyun":
        yield from _aliyun()


@register("verifications", deploy=True)
def check_sms_deployment(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    if settings.SMS_GATEWAY == "console":
        yield checks.Warning(
            "SMS_GATEWAY is console: no SMS is sent, so nobody can register or reset a password.",
            hint="Set it to aliyun, with the variables ALIYUN_SMS_… that belong to it.",
            id="verifications.W001",
        )


def _aliyun() -> Iterator[CheckMessage]:
    if find_spec(SDK) is None:
        yield Error(
            "SMS_GATEWAY is aliyun, and its SDK is not installed.",
            hint="Run: pip install -r requirements-aliyun.txt",
            id="verifications.E002",
        )
    for name in ("access_key_id", "access_key_secret", "sign_name", "template"):
        if not settings.ALIYUN_SMS[name]:
            yield Error(
                f"SMS_GATEWAY is aliyun, and ALIYUN_SMS_{name.upper()} is not set.",
                hint="Copy it from Aliyun's console.",
                id="verifications.E003",
            )
