from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register
def check_session_minutes(**kwargs: Any) -> list[CheckMessage]:
    """Nobody gets in who is logged out before his first page."""
    if settings.OPERATOR_SESSION_MINUTES >= 1:
        return []
    hint = "How many minutes an operator may pause before he has to log in again, at least 1."
    return [Error("OPERATOR_SESSION_MINUTES is not positive.", hint=hint, id="operators.E001")]
