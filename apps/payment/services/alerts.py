"""Who looks after payments is told: in the log in English, by mail in the shop's language."""

import logging
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from apps.payment.tasks import alert_operators

logger = logging.getLogger(__name__)


def alert(subject: str, message: str, **facts: object) -> None:
    """Tell the operators, by mail once the transaction commits. Both texts are msgids, with places for the facts."""
    with translation.override(None):
        logger.error("%s. %s", subject % facts, message % facts)
    with translation.override(settings.LANGUAGE_CODE):
        told = gettext(subject) % facts, gettext(message) % facts
    # Robust: a broker that is down must not undo what is booked, nor stop a job.
    transaction.on_commit(partial(alert_operators.delay, *told), robust=True)
