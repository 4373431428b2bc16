"""What operators have sent anew."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.notifications import store
from apps.notifications.exceptions import BeingSent
from apps.notifications.models import Message, WebhookEndpoint
from apps.notifications.services import (
    send_again,
    send_all_again,
    send_notifications,
)
from apps.notifications.services.delivering import LEASE
from tests.notifications.conftest import Clock, Servers, new_endpoint, tell
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["sent", "gave_up", "failed"])
def test_a_message(endpoint: WebhookEndpoint, servers: Servers, state: str) -> None:
    (message,) = tell()
    due = timezone.now() + timedelta(hours=6) if state == "failed" else None
    Message.objects.update(state=state, next_try_at=due, tries=5)
    store.pause(f"webhook:{endpoint.pk}")
    send_again(message)
    assert send_notifications() == 1
    message.refresh_from_db()
    assert (message.state, message.tries) == ("sent", 1)
    assert servers.received == [(endpoint.url, message.message_id)]


def test_not_one_that_is_being_sent(endpoint: WebhookEndpoint, clock: Clock) -> None:
    (message,) = tell()
    Message.objects.claim(message, at=clock.now, next_try_at=clock.now + LEASE)
    with unchanged(), pytest.raises(BeingSent):
        send_again(message)


def test_all_of_an_endpoint(endpoint: WebhookEndpoint, servers: Servers) -> None:
    other = new_endpoint()
    for _ in range(4):
        tell()
    own = list(endpoint.messages.order_by("pk"))
    now = timezone.now()
    for message, state in zip(own, ["sent", "gave_up", "failed", "sending"], strict=True):
        later = now + LEASE if state in {"failed", "sending"} else None
        Message.objects.filter(pk=message.pk).update(state=state, next_try_at=later)
    other.messages.update(state="gave_up", next_try_at=None)
    assert send_all_again(endpoint) == 2
    assert send_notifications() == 2
    assert list(endpoint.messages.order_by("pk").values_list("state", flat=True)) == [
        "sent", "sent", "sent", "sending",
    ]  # fmt: skip
    assert set(other.messages.values_list("state", flat=True)) == {"gave_up"}
