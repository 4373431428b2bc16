from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import DomainError, GatewayError


class WrongImageCode(DomainError):
    """Says the same of a wrong text, a used picture and one that has expired."""

    code = "wrong_image_code"
    title = _("The image code is wrong or has expired.")


class WrongSMSCode(DomainError):
    """Says the same of a wrong code, a used one, one that has expired, and one tried too often."""

    code = "wrong_sms_code"
    title = _("The SMS code is wrong or has expired.")


class WrongSMSTicket(DomainError):
    """The access token from the image code was never handed out, or too long ago."""

    code = "wrong_sms_ticket"
    title = _("The access token is invalid or has expired.")


class SMSUndelivered(GatewayError):
    """The SMS may not have left; sending it again may help."""

    code = "sms_undelivered"
    title = _("The SMS could not be sent.")


class SMSRefused(SMSUndelivered):
    """The SMS will not leave, however often it is tried."""

    code = "sms_refused"
    title = _("The SMS was refused by the provider.")
