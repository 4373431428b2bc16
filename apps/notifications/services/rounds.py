"""One round of the job that sends what is due: line by line, so that a dead endpoint does not hold up the others."""

import logging
import time

from django.utils import timezone

from apps.core.tasks import run_command
from apps.notifications import selectors, store
from apps.notifications.models import Message
from apps.notifications.services.delivering import deliver

# Of one line and round. What is left over comes with the next one, seconds later.
BATCH = 50
MOST_SECONDS = 15
# Who fails so many times running is left alone for a minute; who does not answer at all, at once.
MOST_FAILURES = 3

JOB = "send_notifications"
ROUND_SECONDS = 5

logger = logging.getLogger(__name__)


def ask_for_round() -> None:
    """Have the job run now. Beat runs it every few seconds anyhow: a broker that is down costs no more than those."""
    if store.is_first_of_this_second():
        run_command.apply_async((JOB,), queue="notifications", expires=ROUND_SECONDS, retry=False)


def send_notifications() -> int:
    """Send every message whose time has come; how many were tried.

    Safe to run twice and at once: each message is claimed before it is sent. A line is a channel or one endpoint;
    each gets its share of a round, and one that does not answer is left alone for ``store.PAUSE_SECONDS``.
    """
    lines = {selectors.line_name(*line): line for line in selectors.lines_due(timezone.now())}
    left_alone = store.paused(lines)
    return sum(_serve(name, *line) for name, line in lines.items() if name not in left_alone)


def _serve(name: str, channel: str, endpoint_id: int | None) -> int:
    due = Message.objects.due(timezone.now()).of_line(channel, endpoint_id)
    tried = failures = 0
    started = time.monotonic()
    for message in due.select_related("endpoint")[:BATCH]:
        outcome = deliver(message)
        if outcome is None:
            continue
        tried += 1
        failures = 0 if outcome.is_sent else failures + 1
        if outcome.is_line_down or failures == MOST_FAILURES:
            logger.warning("%s fails; it is left alone for a while", name)
            store.pause(name)
            break
        if time.monotonic() - started > MOST_SECONDS:
            break
    return tried
