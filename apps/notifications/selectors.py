from dataclasses import dataclass

from django.db.models import F, TextField, Value
from django.db.models.functions import Cast

from apps.notifications.models import Channel, Event, Template, WebhookEndpoint


@dataclass(frozen=True)
class Outlet:
    """A way by which an event is told: a template of a channel and language, or an endpoint (``address`` its URL)."""

    channel: str
    language: str
    title: str
    text: str
    sms_template: str
    endpoint_id: int
    address: str


def outlets(event: Event) -> list[Outlet]:
    """Everything that is switched on for an event, in one statement."""
    nothing = Value("", TextField())
    templates = (
        Template.objects.filter(event=event, is_active=True)
        .exclude(channel=Channel.SMS, sms_template="")
        .order_by()
        .values_list(
            Cast("channel", TextField()),
            Cast("language", TextField()),
            Cast("title", TextField()),
            "text",
            Cast("sms_template", TextField()),
            F("pk") * 0,
            nothing,
        )
    )
    endpoints = (
        WebhookEndpoint.objects.filter(is_active=True, events__contains=f",{event.value},")
        .order_by()
        .values_list(
            Value(Channel.WEBHOOK.value, TextField()),
            nothing,
            nothing,
            nothing,
            nothing,
            "pk",
            Cast("url", TextField()),
        )
    )
    return [Outlet(*row) for row in templates.union(endpoints, all=True)]
