from collections.abc import Mapping

from apps.notifications.exceptions import Undelivered
from apps.verifications import gateways
from apps.verifications.exceptions import SMSRefused, SMSUndelivered


def send(
    message_id: str, mobile: str, *, template: str, parameters: Mapping[str, str], text: str
) -> str:
    try:
        gateways.sms().send_notice(
            mobile, template=template, parameters=parameters, text=text, number=message_id
        )
    except SMSUndelivered as exc:
        is_hopeless = isinstance(exc, SMSRefused)
        raise Undelivered(str(exc), is_down=not is_hopeless, is_hopeless=is_hopeless) from exc
    return ""
