"""What operators are told of messages that do not arrive."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.notifications import selectors
from apps.notifications.models import Message, WebhookEndpoint
from apps.notifications.services import (
    send_notifications,
)
from tests.notifications.conftest import Clock, Servers, tell

pytestmark = pytest.mark.django_db


def test_all_is_well(endpoint: WebhookEndpoint, servers: Servers, clock: Clock) -> None:
    tell()
    send_notifications()
    tell()
    clock.advance(timedelta(minutes=9))
    with CaptureQueriesContext(connection) as asked:
        health = selectors.delivery_health()
    assert len(asked) == 2
    assert (health.given_up, health.overdue, health.overdue_since) == (0, 0, None)
    assert health.is_good


def test_what_does_not_arrive_is_counted(endpoint: WebhookEndpoint, clock: Clock) -> None:
    for _ in range(3):
        tell()
    first, *_ = Message.objects.order_by("pk")
    Message.objects.filter(pk=first.pk).update(state="gave_up", next_try_at=None)
    began = clock.now
    clock.advance(timedelta(minutes=10))
    health = selectors.delivery_health()
    assert (health.given_up, health.overdue, health.overdue_since) == (1, 2, began)
    assert not health.is_good
    clock.advance(timedelta(days=8))
    assert selectors.delivery_health().given_up == 0
