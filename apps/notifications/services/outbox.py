"""What operators do with messages, and what becomes of old ones."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.notifications import selectors, store
from apps.notifications.exceptions import BeingSent
from apps.notifications.models import TEST, Channel, Message, WebhookEndpoint
from apps.notifications.models.messages import new_message_id
from apps.notifications.services.announcing import webhook_body
from apps.notifications.services.delivering import deliver
from apps.notifications.services.rounds import ask_for_round

BATCH = 1000
# Due for so long, and nobody came to it: its endpoint is dead, and has more waiting than can be tried.
STALE_AFTER = timedelta(days=3)


def send_again(message: Message) -> None:
    """Have a message sent anew, under the number it has; raises BeingSent.

    Who received it before can tell by the number, and should not act twice.
    """
    if not Message.objects.filter(pk=message.pk).send_again(timezone.now()):
        raise BeingSent
    store.resume(selectors.line_name(message.channel, message.endpoint_id))
    transaction.on_commit(ask_for_round, robust=True)


def send_all_again(endpoint: WebhookEndpoint) -> int:
    """Likewise everything of an endpoint that was tried in vain or given up; how many."""
    unlucky = endpoint.messages.filter(state__in=[Message.State.FAILED, Message.State.GAVE_UP])
    count: int = unlucky.send_again(timezone.now())
    store.resume(selectors.line_name(Channel.WEBHOOK, endpoint.pk))
    transaction.on_commit(ask_for_round, robust=True)
    return count


def send_test(endpoint: WebhookEndpoint) -> Message:
    """Send an endpoint something to try itself on, now; the message, which tells what came of it."""
    now = timezone.now()
    message_id = new_message_id()
    message = Message.objects.create(
        message_id=message_id,
        event=TEST,
        channel=Channel.WEBHOOK,
        endpoint=endpoint,
        subject="",
        receiver=endpoint.url,
        body=webhook_body(message_id, TEST, {"order_id": "0" * 24}, at=now),
        next_try_at=now,
    )
    deliver(message)
    message.refresh_from_db()
    return message


def remove_old_messages() -> int:
    """Delete what was sent or given up ``NOTIFICATION_DAYS`` ago, and give up what nobody came to; how many went."""
    now = timezone.now()
    _give_up_stale(due_before=now - STALE_AFTER)
    old = Message.objects.filter(
        state__in=Message.FINISHED,
        create_time__lt=now - timedelta(days=settings.NOTIFICATION_DAYS),
    )
    removed = 0
    while numbers := list(old.order_by().values_list("pk", flat=True)[:BATCH]):
        removed += old.filter(pk__in=numbers).delete()[0]
    return removed


def _give_up_stale(*, due_before: datetime) -> None:
    while numbers := list(Message.objects.due(due_before).values_list("pk", flat=True)[:BATCH]):
        Message.objects.due(due_before).filter(pk__in=numbers).give_up("Nobody came to it.")
