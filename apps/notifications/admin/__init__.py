from apps.notifications.admin.endpoints import WebhookEndpointAdmin
from apps.notifications.admin.messages import MessageAdmin
from apps.notifications.admin.templates import TemplateAdmin

__all__ = ["MessageAdmin", "TemplateAdmin", "WebhookEndpointAdmin"]
