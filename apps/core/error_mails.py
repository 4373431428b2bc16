"""Mails to the operators about errors: one per kind and hour, however often it happens; no request waits for them."""

import logging
import time
from threading import Lock, Thread
from traceback import extract_tb
from typing import Any

from django.conf import settings
from django.core import mail
from django.db import OperationalError
from django.utils.log import AdminEmailHandler
from redis.exceptions import RedisError

from apps.core.exceptions import TooManyRequests
from apps.core.store import Limit

SECONDS_PER_KIND = 3600
# Of all processes together; this one asks Redis once per kind and hour.
LIMIT = Limit("error_mails", times=1, seconds=SECONDS_PER_KIND)
# ``problems`` has logged what led to such an answer, with the exception.
TOLD_ALREADY = {502, 503}
# What every request, or every job, says when it breaks: only the place tells one from another.
WITH_PLACES = {"django.request", "celery.app.trace"}
# A job that meets one of these says so for all jobs.
OUTAGES = (OperationalError, RedisError, OSError)

logger = logging.getLogger(__name__)


class ErrorMailHandler(AdminEmailHandler):
    """While Redis is down, each process sends one per kind and hour."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told_at: dict[str, float] = {}
        self._lock = Lock()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if settings.ADMINS and _needs_a_person(record) and self._is_news(_kind(record)):
                super().emit(record)
        except Exception:
            self.handleError(record)

    def send_mail(self, subject: Any, message: Any, *args: Any, **kwargs: Any) -> None:
        Thread(target=_send, args=(subject, message), name="error-mail").start()

    def _is_news(self, kind: str) -> bool:
        now = time.monotonic()
        with self._lock:
            if now < self._told_at.get(kind, -SECONDS_PER_KIND) + SECONDS_PER_KIND:
                return False
            self._told_at[kind] = now
        try:
            LIMIT.spend(kind)
        except TooManyRequests:
            return False
        except RedisError:
            logger.warning("Redis does not count error mails; this process does")
        return True


def _needs_a_person(record: logging.LogRecord) -> bool:
    """Not if what was wrong is the request (a host that is none of ours), or if ``problems`` has told of it."""
    is_refusal = record.name.startswith("django.security.")
    return not is_refusal and getattr(record, "status_code", None) not in TOLD_ALREADY


def _kind(record: logging.LogRecord) -> str:
    """What happened; of a bug, also where. An outage is one kind wherever it is noticed."""
    parts = [record.name, str(record.msg)]
    if record.exc_info and (exception := record.exc_info[1]):
        parts.append(type(exception).__qualname__)
        is_bug = record.name == "django.request" or not isinstance(exception, OUTAGES)
        if record.name in WITH_PLACES and is_bug:
            parts.append(_place(exception))
    return " ".join(parts)


def _place(exception: BaseException) -> str:
    """The innermost line of our own code that it came through."""
    frames = extract_tb(exception.__traceback__)
    ours = [it for it in frames if it.filename.startswith(f"{settings.BASE_DIR}/apps/")]
    return "".join(f"{it.filename}:{it.lineno}" for it in (ours or frames)[-1:])


def _send(subject: str, message: str) -> None:
    try:
        mail.mail_admins(subject, message)
    except OSError as exc:
        # Not as an error: that would be another mail.
        logger.warning("An error mail could not be sent: %s", exc)
