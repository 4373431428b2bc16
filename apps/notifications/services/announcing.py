"""What is told to whom, written down in the transaction in which it happens."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.core.clock import BEIJING
from apps.notifications.models import FIELDS, Channel, Event, Message
from apps.notifications.models.messages import new_message_id, printable
from apps.notifications.models.templates import MOST_TITLE, filled, placeholders
from apps.notifications.selectors import Outlet, outlets
from apps.notifications.services.rounds import ask_for_round
from apps.verifications.models import MOBILE

# Of a value in a text; reasons may be as long as people make them.
MOST_CHARACTERS = 200
FALLBACK_LANGUAGE = "zh-hans"


def announce(
    event: Event,
    *,
    subject: str,
    payload: Mapping[str, Any],
    user_id: int | None,
    mobile: str = "",
    email: str = "",
    language: str = FALLBACK_LANGUAGE,
    switched_on: Sequence[Outlet] | None = None,
) -> None:
    """Write down whom to tell of an event: the buyer by SMS and e-mail, and every endpoint that subscribes to it.

    Call it in the transaction in which it happens: both are kept, or neither. ``subject`` is the order's number,
    ``email`` a verified address or "". ``payload`` holds at least the event's ``FIELDS``, amounts as Decimal or text;
    raises ValueError otherwise. One statement when nothing is switched on, else two. Who must read ``mobile`` and
    ``email`` first may ask ``selectors.outlets`` whether anything is, and hand it in as ``switched_on``: one less.
    """
    if missing := set(FIELDS[event]) - payload.keys():
        raise ValueError(f"The payload of {event} lacks {', '.join(sorted(missing))}.")
    ways = outlets(event) if switched_on is None else switched_on
    values = {name: _text(value) for name, value in payload.items()}
    values |= {"order_id": _text(subject), "shop": settings.SHOP_NAME}
    messages = [
        *_to_buyer(ways, values, mobile=mobile, email=email, language=language),
        *_to_endpoints(ways, event, subject, payload),
    ]
    if not messages:
        return
    now = timezone.now()
    for message in messages:
        message.event, message.subject = event, subject
        message.user_id, message.next_try_at = user_id, now
    Message.objects.bulk_create(messages)
    # Robust: a broker that is down must not undo what is told of; beat brings the next round within seconds.
    transaction.on_commit(ask_for_round, robust=True)


def webhook_body(message_id: str, event: str, data: Mapping[str, Any], *, at: datetime) -> str:
    """What an endpoint is sent, to the byte."""
    told = {"id": message_id, "event": event, "time": _plain(at), "data": _plain(data)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _to_buyer(
    ways: Sequence[Outlet], values: Mapping[str, str], *, mobile: str, email: str, language: str
) -> Iterator[Message]:
    sms = _in_language(ways, Channel.SMS, language)
    if sms and re.fullmatch(MOBILE, mobile):
        parameters = {name: values.get(name, "") for name in placeholders(sms.text)}
        yield Message(
            channel=Channel.SMS,
            receiver=mobile,
            body=filled(sms.text, values),
            payload={"template": sms.sms_template, "parameters": parameters},
        )
    mail = _in_language(ways, Channel.EMAIL, language)
    if mail and email:
        title = " ".join(filled(mail.title, values).split())[:MOST_TITLE]
        yield Message(
            channel=Channel.EMAIL,
            receiver=email,
            body=filled(mail.text, values),
            payload={"title": title},
        )


def _to_endpoints(
    ways: Sequence[Outlet], event: Event, subject: str, payload: Mapping[str, Any]
) -> Iterator[Message]:
    now = timezone.now()
    for way in ways:
        if way.channel == Channel.WEBHOOK:
            message_id = new_message_id()
            data = {"order_id": subject, **payload}
            yield Message(
                message_id=message_id,
                channel=Channel.WEBHOOK,
                endpoint_id=way.endpoint_id,
                receiver=way.address,
                body=webhook_body(message_id, event, data, at=now),
            )


def _in_language(ways: Sequence[Outlet], channel: Channel, language: str) -> Outlet | None:
    """The template in the buyer's language, else in the shop's, else any."""
    written = {way.language: way for way in ways if way.channel == channel}
    any_other = next(iter(written.values()), None)
    return written.get(language) or written.get(FALLBACK_LANGUAGE) or any_other


def _text(value: Any) -> str:
    return str(_plain("" if value is None else value))[:MOST_CHARACTERS]


def _plain(value: Any) -> Any:
    """As JSON has it, and as every database takes it: whatever is in it, it must not undo what is announced."""
    if isinstance(value, Mapping):
        return {str(_plain(str(name))): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).isoformat(timespec="seconds")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return printable(str(value))
