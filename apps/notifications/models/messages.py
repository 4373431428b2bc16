import secrets
import time
import unicodedata
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import TimestampedModel
from apps.notifications.models.events import TEST, Channel, Event
from apps.notifications.models.webhooks import WebhookEndpoint


def new_message_id() -> str:
    """Unique, and growing with time like a UUID of version 7: whom we tell may file it by it."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def printable(text: str) -> str:
    """The text as every database takes it: no control characters but tabs and new lines, no half characters."""
    readable = text.encode("utf-8", "replace").decode()
    return "".join(c for c in readable if c in "\n\t" or unicodedata.category(c) != "Cc")


class MessageQuerySet(models.QuerySet["Message"]):
    def of_line(self, channel: str, endpoint_id: int | None) -> "MessageQuerySet":
        return self.filter(channel=channel, endpoint=endpoint_id)

    def due(self, at: datetime) -> "MessageQuerySet":
        """Messages that should be sent now, the longest waiting first."""
        return self.filter(next_try_at__lte=at).order_by("next_try_at")

    def claim(self, message: "Message", *, at: datetime, next_try_at: datetime) -> bool:
        """Put off the next try and count this one; False if it is not due, or another worker did so first."""
        due = self._as_seen(message).filter(next_try_at__lte=at)
        claimed = {"state": Message.State.SENDING, "next_try_at": next_try_at, "tried_at": at}
        return due.update(**claimed, tries=F("tries") + 1, receiver=message.receiver) == 1

    def mark_sent(self, message: "Message", *, at: datetime, answer: str) -> bool:
        """True once. It counts even if a slow try was given up on meanwhile: it has arrived."""
        unsent = self.filter(pk=message.pk).exclude(state=Message.State.SENT)
        written = {"state": Message.State.SENT, "next_try_at": None, "last_error": ""}
        return unsent.update(**written, sent_at=at, answer=answer) == 1

    def put_off(
        self, message: "Message", *, next_try_at: datetime | None, error: str, answer: str
    ) -> bool:
        """Write why a try failed and when the next one is, None to give up; False if the claim is no longer ours."""
        state = Message.State.FAILED if next_try_at else Message.State.GAVE_UP
        written = {"last_error": error, "answer": answer}
        ours = self._as_seen(message)
        return ours.update(state=state, next_try_at=next_try_at, **written) == 1

    def give_up(self, error: str) -> int:
        """Try these no more; how many."""
        written = {"next_try_at": None, "last_error": error}
        return self.order_by().update(state=Message.State.GAVE_UP, **written)

    def _as_seen(self, message: "Message") -> "MessageQuerySet":
        return self.filter(pk=message.pk, next_try_at=message.next_try_at)

    def send_again(self, at: datetime) -> int:
        """Have these sent anew under the numbers they have, those excepted that are on their way; how many."""
        idle = self.exclude(state=Message.State.SENDING)
        return idle.update(state=Message.State.QUEUED, next_try_at=at, tries=0, sent_at=None)


class Message(TimestampedModel):
    """One thing to be told to one receiver, written in the transaction in which it happened, and sent afterwards.

    It is sent at least once, always with the same ``message_id`` and the same ``body``. ``next_try_at`` is when it may
    be sent, or sent again by whoever notices that who is sending it has died; null once it was sent or given up.
    ``subject`` is the order's number; ``payload`` what the channel needs beside ``body``.
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("message", "waiting")
        SENDING = "sending", pgettext_lazy("message", "being sent")
        SENT = "sent", pgettext_lazy("message", "sent")
        FAILED = "failed", pgettext_lazy("message", "tried in vain")
        GAVE_UP = "gave_up", pgettext_lazy("message", "given up")

    OPEN = (State.QUEUED, State.SENDING, State.FAILED)
    FINISHED = (State.SENT, State.GAVE_UP)

    message_id = models.CharField(_("number"), max_length=32, unique=True, default=new_message_id)
    event = models.CharField(
        _("event"), max_length=32, choices=[*Event.choices, (TEST, pgettext_lazy("event", "test"))]
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        verbose_name=_("webhook endpoint"),
        on_delete=models.SET_NULL,
        related_name="messages",
        null=True,
        blank=True,
    )
    subject = models.CharField(_("order"), max_length=64, db_index=True)
    # No foreign key: its lock on the buyer's row is nothing that a payment should wait for.
    user_id = models.BigIntegerField(_("user"), null=True, blank=True)
    receiver = models.CharField(pgettext_lazy("message", "receiver"), max_length=500)
    body = models.TextField(_("text"))
    payload = models.JSONField(pgettext_lazy("message", "beside the text"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    tried_at = models.DateTimeField(_("last try"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    last_error = models.CharField(_("last failure"), max_length=500, blank=True)
    answer = models.TextField(_("last answer"), blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("notifications", "message")
        verbose_name_plural = pgettext_lazy("notifications", "messages")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "failed"], next_try_at__isnull=False)
                | Q(state__in=["sent", "gave_up"], next_try_at__isnull=True),
                name="message_due_unless_finished",
            ),
        ]
        indexes = [
            # What is finished has no next try: the backlog is found without the history.
            models.Index(fields=["next_try_at", "channel", "endpoint"], name="message_due"),
            models.Index(fields=["state", "create_time"], name="message_by_state"),
        ]

    def __str__(self) -> str:
        return self.message_id
