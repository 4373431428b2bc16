import logging

from django.conf import settings

from apps.verifications.exceptions import SMSRefused
from apps.verifications.models import Purpose

logger = logging.getLogger(__name__)


class ConsoleGateway:
    """Shows the code to the developer in the worker's output, and only with ``DEBUG``: logs outlive codes."""

    def send_code(self, mobile: str, code: str, *, purpose: Purpose) -> None:
        if not settings.DEBUG:
            raise SMSRefused("The console sends no SMS outside DEBUG: set SMS_GATEWAY.")
        # A warning: the worker of `make run` shows nothing below.
        logger.warning("SMS to %s (%s): your code is %s", mobile, purpose, code)
