from apps.notifications.models.events import FIELDS, TEST, Channel, Event
from apps.notifications.models.messages import Message
from apps.notifications.models.templates import Template
from apps.notifications.models.webhooks import WebhookEndpoint

__all__ = ["FIELDS", "TEST", "Channel", "Event", "Message", "Template", "WebhookEndpoint"]
