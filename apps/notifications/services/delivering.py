"""One message sent, outside of any transaction, at least once."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from apps.core.transactions import retry_lost_transactions
from apps.notifications import gateways
from apps.notifications.exceptions import Undelivered
from apps.notifications.models import Channel, Message

# Between the tries; after the last one it is given up, a day and seven hours after the first.
PAUSES = [timedelta(seconds=s) for s in (30, 120, 600, 3600, 6 * 3600, 24 * 3600)]
MOST_TRIES = len(PAUSES) + 1
# Nobody else tries meanwhile: longer than a mail server or a name server may take. A worker that dies over it leaves
# the message due by then.
LEASE = timedelta(minutes=3)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    is_sent: bool
    is_line_down: bool = False


def deliver(message: Message) -> Outcome | None:
    """Try to send a message that is due; None if somebody else does.

    Whoever dies over it leaves it to the next one, who sends it again: the receiver tells them apart by their number.
    Whatever goes wrong is written down, not raised.
    """
    if message.tries >= MOST_TRIES:
        # Every time somebody died over it.
        return _give_up(message, Undelivered("Nobody came back from sending it."))
    if message.channel == Channel.WEBHOOK and message.endpoint:
        message.receiver = message.endpoint.url
    if not _claim(message):
        return None
    try:
        answer = _send(message)
    except Undelivered as failure:
        return _put_off(message, failure)
    except Exception as exc:
        # Whatever it is: one that nobody thought of must not keep the others waiting.
        logger.exception("Message %s", message)
        return _put_off(message, Undelivered(type(exc).__name__))
    _mark_sent(message, answer)
    return Outcome(is_sent=True)


def _send(message: Message) -> str:
    number, receiver = message.message_id, message.receiver
    if message.channel == Channel.SMS:
        return gateways.sms.send(number, receiver, text=message.body, **message.payload)
    if message.channel == Channel.EMAIL:
        return gateways.mail.send(number, receiver, text=message.body, **message.payload)
    if message.endpoint is None:
        raise Undelivered("The endpoint is gone.", is_hopeless=True)
    if not message.endpoint.is_active:
        raise Undelivered("The endpoint is switched off.", is_hopeless=True)
    now = timezone.now()
    return gateways.webhooks.send(
        number,
        receiver,
        body=message.body,
        secrets=message.endpoint.secrets_at(now),
        at=now.timestamp(),
        allow_private=settings.WEBHOOK_ALLOW_PRIVATE,
    )


@retry_lost_transactions
def _claim(message: Message) -> bool:
    now = timezone.now()
    if not Message.objects.claim(message, at=now, next_try_at=now + LEASE):
        return False
    message.next_try_at = now + LEASE
    message.tries += 1
    return True


@retry_lost_transactions
def _mark_sent(message: Message, answer: str) -> None:
    Message.objects.mark_sent(message, at=timezone.now(), answer=answer)


@retry_lost_transactions
def _put_off(message: Message, failure: Undelivered) -> Outcome:
    if failure.is_hopeless or message.tries >= MOST_TRIES:
        return _give_up(message, failure)
    following = timezone.now() + PAUSES[message.tries - 1]
    Message.objects.put_off(message, next_try_at=following, **_said(failure))
    return Outcome(is_sent=False, is_line_down=failure.is_down)


@retry_lost_transactions
def _give_up(message: Message, failure: Undelivered) -> Outcome:
    if Message.objects.put_off(message, next_try_at=None, **_said(failure)):
        # One mail an hour, however many are given up: the text is the same for all.
        logger.error(
            "A notification was given up: see the messages in the admin. %s %s: %s",
            message.channel,
            message.message_id,
            failure,
        )
    return Outcome(is_sent=False, is_line_down=failure.is_down)


def _said(failure: Undelivered) -> dict[str, str]:
    return {"error": str(failure)[:500], "answer": failure.answer}
