import logging
from typing import Any

from celery import shared_task

from apps.verifications import gateways, store
from apps.verifications.exceptions import SMSRefused, SMSUndelivered
from apps.verifications.models import Purpose, masked

MAX_RETRIES = 3
FIRST_RETRY_SECONDS = 2

logger = logging.getLogger(__name__)


@shared_task(bind=True, name="verifications.deliver_sms_code", max_retries=MAX_RETRIES)
def deliver_sms_code(self: Any, mobile: str, purpose: str) -> None:
    """Send the mobile the code that waits for it; tries again after 2, 4 and 8 s.

    If it cannot be sent the mobile may ask again at once. The code is read here, not handed over: a broker's messages
    are kept, copied and logged. One that waited so long that the code has expired sends nothing.
    """
    code = store.sms_code(mobile, purpose=Purpose(purpose))
    if code is None:
        logger.warning("The SMS code for %s expired before it was sent.", masked(mobile))
        return
    try:
        gateways.sms().send_code(mobile, code, purpose=Purpose(purpose))
    except SMSUndelivered as failure:
        if isinstance(failure, SMSRefused) or self.request.retries >= MAX_RETRIES:
            store.allow_sms_again(mobile)
            logger.exception("The SMS code for %s was not sent.", masked(mobile))
            return
        wait = FIRST_RETRY_SECONDS * 2**self.request.retries
        raise self.retry(exc=failure, countdown=wait) from failure
