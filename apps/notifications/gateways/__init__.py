"""How each channel delivers one message: it returns what the other side said, or raises Undelivered."""

from apps.notifications.gateways import mail, sms, webhooks

__all__ = ["mail", "sms", "webhooks"]
