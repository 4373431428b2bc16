"""What becomes of messages that are done with, or that nobody came to."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from apps.notifications.models import Message, WebhookEndpoint
from apps.notifications.services import (
    remove_old_messages,
)
from tests.notifications.conftest import Clock, states, tell

pytestmark = pytest.mark.django_db


def test_what_was_sent_or_given_up_is_removed_after_its_days(
    endpoint: WebhookEndpoint,
    clock: Clock,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("apps.notifications.services.outbox.BATCH", 2)
    settings.NOTIFICATION_DAYS = 30
    for _ in range(6):
        tell()
    *old, failed, late = Message.objects.order_by("pk").values_list("pk", flat=True)
    Message.objects.filter(pk__in=old[:3]).update(state="sent", next_try_at=None)
    Message.objects.filter(pk=old[3]).update(state="gave_up", next_try_at=None)
    soon = clock.now + timedelta(days=31)
    Message.objects.filter(pk=failed).update(state="failed", next_try_at=soon)
    Message.objects.filter(pk=late).update(next_try_at=soon - timedelta(days=1))
    clock.advance(timedelta(days=29, hours=23))
    assert remove_old_messages() == 0
    clock.advance(timedelta(hours=2))
    call_command("remove_old_notifications")
    assert states() == ["failed", "queued"]


def test_what_nobody_came_to_is_given_up(endpoint: WebhookEndpoint, clock: Clock) -> None:
    tell()
    clock.advance(timedelta(days=2))
    tell()
    clock.advance(timedelta(days=1, seconds=1))
    remove_old_messages()
    assert states() == ["gave_up", "queued"]
    assert Message.objects.earliest("pk").last_error == "Nobody came to it."
