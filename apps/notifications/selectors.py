from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Count, F, Min, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from apps.notifications.models import Channel, Event, Message, Template, WebhookEndpoint

# What waits longer than that waits for nobody's sake: the job does not run, or who should answer does not.
OVERDUE_AFTER = timedelta(minutes=10)
# What was given up longer ago is no news.
NEWS = timedelta(days=7)


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
    with connection.cursor() as cursor:
        cursor.execute(*_statement(event))
        return [Outlet(*row) for row in cursor.fetchall()]


@cache
def _statement(event: Event) -> tuple[str, tuple[Any, ...]]:
    """Asked at each step of each order, and always the same: writing it takes Django longer than a database answers."""
    sql, parameters = switched_on(event).query.get_compiler(connection=connection).as_sql()
    return sql, tuple(parameters)


def switched_on(event: Event) -> QuerySet:
    """The rows of ``outlets``."""
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
    return templates.union(endpoints, all=True)


def lines_due(at: datetime) -> list[tuple[str, int | None]]:
    """Channel and endpoint of everything that should be sent now, each pair once."""
    due = Message.objects.due(at).order_by("channel", "endpoint")
    return list(due.values_list("channel", "endpoint").distinct())


def line_name(channel: str, endpoint_id: int | None) -> str:
    return f"{channel}:{endpoint_id}" if endpoint_id else channel


@dataclass(frozen=True)
class DeliveryHealth:
    """``given_up`` in the last seven days; ``overdue``: due for ten minutes, and not sent; ``since``: the oldest."""

    given_up: int
    overdue: int
    overdue_since: datetime | None

    @property
    def is_good(self) -> bool:
        return not self.given_up and not self.overdue


def delivery_health() -> DeliveryHealth:
    """What an operator should know of messages that do not arrive. Costs two statements, whatever was sent."""
    now = timezone.now()
    given_up = Message.objects.filter(state=Message.State.GAVE_UP, create_time__gte=now - NEWS)
    overdue = Message.objects.due(now - OVERDUE_AFTER).order_by()
    late = overdue.aggregate(count=Count("pk"), since=Min("next_try_at"))
    return DeliveryHealth(given_up.count(), late["count"], late["since"])
