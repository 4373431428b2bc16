"""Who came to the door of the back office: written down, whoever he says he is."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.operators.models import LoginEvent

QUIET = timedelta(minutes=10)
BATCH = 1000
_LONGEST_NAME = LoginEvent._meta.get_field("username").max_length or 0


def record_login(
    outcome: LoginEvent.Outcome, *, username: str, address: str, user: Any = None
) -> None:
    """Write down what came of it. Whoever goes on although he is throttled is written down once in ten minutes."""
    if outcome == LoginEvent.Outcome.THROTTLED:
        last = LoginEvent.objects.filter(address=address).order_by("-id").first()
        if last and last.outcome == outcome and last.at > timezone.now() - QUIET:
            return
    LoginEvent.objects.create(
        outcome=outcome, username=_printable(username), address=address, user=user
    )


def remove_old_logins() -> int:
    """Delete what was written down ``LOGIN_DAYS`` ago; how many went.

    Rows come with the time, so the oldest are those of the lowest keys: each batch is a range of the primary key.
    """
    ends = timezone.now() - timedelta(days=settings.LOGIN_DAYS)
    removed = 0
    while True:
        oldest = LoginEvent.objects.order_by("id").values_list("id", "at")[:BATCH]
        old = [pk for pk, at in oldest if at < ends]
        if not old:
            return removed
        removed += LoginEvent.objects.filter(pk__in=old).delete()[0]


def _printable(username: str) -> str:
    """Without what databases do not take or a screen would not show, and cut to length."""
    return "".join(char if char.isprintable() else "�" for char in username[:_LONGEST_NAME])
