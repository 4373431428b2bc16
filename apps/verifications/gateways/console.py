import logging
from collections.abc import Mapping

from django.conf import settings

from apps.verifications.exceptions import SMSRefused
from apps.verifications.models import Purpose

logger = logging.getLogger(__name__)


class ConsoleGateway:
    """Shows each SMS to the developer in the worker's output, and only with ``DEBUG``: logs outlive codes."""

    def send_code(self, mobile: str, code: str, *, purpose: Purpose) -> None:
        _refuse_outside_debug()
        # A warning: the worker of `make run` shows nothing below.
        logger.warning("SMS to %s (%s): your code is %s", mobile, purpose, code)

    def send_notice(
        self, mobile: str, *, template: str, parameters: Mapping[str, str], text: str, number: str
    ) -> None:
        _refuse_outside_debug()
        logger.warning("SMS to %s (%s): %s", mobile, template, text)


def _refuse_outside_debug() -> None:
    if not settings.DEBUG:
        raise SMSRefused("The console sends no SMS outside DEBUG: set SMS_GATEWAY.")
