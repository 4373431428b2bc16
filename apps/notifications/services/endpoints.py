from datetime import timedelta

from django.utils import timezone

from apps.notifications.models import WebhookEndpoint
from apps.notifications.models.webhooks import new_secret

# For so long the old secret signs as well.
OVERLAP = timedelta(days=1)


def replace_secret(endpoint: WebhookEndpoint) -> str:
    """Give an endpoint a new secret, which is shown this once; for a day everything is signed with both."""
    endpoint.previous_secret, endpoint.secret = endpoint.secret, new_secret()
    endpoint.previous_until = timezone.now() + OVERLAP
    endpoint.save(update_fields=["secret", "previous_secret", "previous_until", "update_time"])
    return endpoint.secret
