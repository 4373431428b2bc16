"""Who works differences off is told of them, once each."""

import logging
from functools import partial

from django.db import transaction

from apps.payment.models import Difference, Statement
from apps.payment.tasks import alert_operators

logger = logging.getLogger(__name__)


def tell_of_open(statement: Statement) -> None:
    """Alert once for all open differences of a statement that nobody was told of."""
    count = Difference.objects.mark_told(statement.pk)
    if count:
        _tell(
            f"Statement {statement}: differences to be worked off: {count}",
            f"The bill of {statement.provider} (account {statement.account}) of {statement.day} and our books do not "
            f"agree.",
        )


def tell_of_missing(statement: Statement) -> None:
    """Alert once that a day's bill cannot be had."""
    if Statement.objects.mark_missing_told(statement):
        _tell(
            f"Statement {statement}: no bill",
            f"The bill of {statement.provider} (account {statement.account}) of {statement.day} cannot be had: "
            f"{statement.error}",
        )


def _tell(subject: str, message: str) -> None:
    logger.error("%s. %s", subject, message)
    # Robust: a broker that is down must not undo what was compared.
    transaction.on_commit(partial(alert_operators.delay, subject, message), robust=True)
