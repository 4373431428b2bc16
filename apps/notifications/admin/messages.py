from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import DayRangeFilter, LookedAtAdmin
from apps.core.exceptions import DomainError
from apps.notifications import services
from apps.notifications.models import Channel, Message
from apps.verifications.models import masked

MOST_ROWS = 100


@admin.register(Message)
class MessageAdmin(LookedAtAdmin):
    """Who may change messages may have them sent again, and reads to whom they go; others read a part of it."""

    list_display = ["message_id", "event", "channel", "state", "subject", "tries", "create_time"]
    list_keyset = True
    list_filter = ["state", "event", "channel", "endpoint", ("create_time", DayRangeFilter)]
    search_fields = ["=message_id", "=subject", "=receiver"]
    fields = [
        "message_id",
        "event",
        "channel",
        "endpoint",
        "subject",
        "shown_receiver",
        "body",
        "state",
        "tries",
        "create_time",
        "tried_at",
        "next_try_at",
        "sent_at",
        "last_error",
        "answer",
    ]
    readonly_fields = ["shown_receiver", "masked_receiver", "create_time"]
    actions = ["send_again"]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_message")

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> Any:
        shown = "shown_receiver" if self.has_operate_permission(request) else "masked_receiver"
        return [shown if name == "shown_receiver" else name for name in self.fields or ()]

    @admin.display(description=_("receiver"))
    def shown_receiver(self, message: Message) -> str:
        return message.receiver

    @admin.display(description=_("receiver"))
    def masked_receiver(self, message: Message) -> str:
        return _masked(message)

    @admin.action(description=_("Send again"), permissions=["operate"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        chosen = list(queryset[: MOST_ROWS + 1])
        if len(chosen) > MOST_ROWS:
            said = gettext("At most %(count)d at once, please.") % {"count": MOST_ROWS}
            self.message_user(request, said, messages.ERROR)
            return
        for message in chosen:
            try:
                services.send_again(message)
            except DomainError as refusal:
                self.message_user(request, f"{message}: {refusal.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{message}: {gettext('Send again')}")
                self.log_change(request, message, gettext("Send again"))


def _masked(message: Message) -> str:
    """Enough to know which it is. An endpoint's address may have a password in its path."""
    receiver = message.receiver
    if message.channel == Channel.SMS:
        return masked(receiver)
    if message.channel == Channel.EMAIL:
        return f"{receiver[:1]}***@{receiver.rpartition('@')[2]}"
    return f"{urlsplit(receiver).hostname}/***"
