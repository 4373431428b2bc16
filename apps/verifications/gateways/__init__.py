"""Who sends SMS, chosen by ``SMS_GATEWAY``."""

from collections.abc import Mapping
from functools import cache
from typing import Protocol

from django.conf import settings

from apps.verifications.models import Purpose


class SMSGateway(Protocol):
    def send_code(self, mobile: str, code: str, *, purpose: Purpose) -> None:
        """Have the code sent; raises SMSUndelivered if that is in doubt, SMSRefused if it is hopeless."""

    def send_notice(
        self, mobile: str, *, template: str, parameters: Mapping[str, str], text: str, number: str
    ) -> None:
        """Have a text sent that the provider has approved as ``template``; raises likewise.

        ``text`` is what it reads like with its ``parameters``; ``number`` is ours, for looking it up at the provider.
        """


@cache
def sms() -> SMSGateway:
    """The gateway of this installation; its SDK is only imported when it is chosen."""
    if settings.SMS_GATEWAY == "aliyun":
        from apps.verifications.gateways.aliyun import AliyunGateway

        return AliyunGateway.from_settings(settings.ALIYUN_SMS)
    from apps.verifications.gateways.console import ConsoleGateway

    return ConsoleGateway()
