from apps.notifications.models import Event
from apps.notifications.services.announcing import announce

__all__ = ["Event", "announce"]
