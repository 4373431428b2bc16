from apps.notifications.models import Event
from apps.notifications.services.announcing import announce
from apps.notifications.services.endpoints import replace_secret
from apps.notifications.services.outbox import (
    remove_old_messages,
    send_again,
    send_all_again,
    send_test,
)
from apps.notifications.services.rounds import send_notifications

__all__ = [
    "Event",
    "announce",
    "remove_old_messages",
    "replace_secret",
    "send_again",
    "send_all_again",
    "send_notifications",
    "send_test",
]
