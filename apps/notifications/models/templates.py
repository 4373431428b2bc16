import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimestampedModel
from apps.notifications.models.events import FIELDS, Channel, Event

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# Of every event.
COMMON = ("shop", "order_id")
MOST_TITLE = 200


class Template(TimestampedModel):
    """What buyers are told of an event by one channel, and in one language; nothing unless it ``is_active``.

    ``{order_id}`` and the like are filled in, and nothing else is done to a text: ``str.format`` would let who writes
    it look into the program. An SMS leaves by the text that the provider approved under ``sms_template``.
    """

    event = models.CharField(_("event"), max_length=32, choices=Event)
    channel = models.CharField(
        _("channel"),
        max_length=10,
        choices=[choice for choice in Channel.choices if choice[0] != Channel.WEBHOOK],
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans"
    )
    is_active = models.BooleanField(_("switched on"), default=False)
    title = models.CharField(
        _("title"), max_length=MOST_TITLE, blank=True, help_text=_("Of an e-mail.")
    )
    text = models.TextField(_("text"), max_length=2000)
    sms_template = models.CharField(
        _("SMS template"),
        max_length=64,
        blank=True,
        help_text=_("The SMS provider's number of the approved template, such as SMS_123456789."),
    )

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["event", "channel", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "channel", "language"], name="template_once_per_language"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}, {self.get_channel_display()} ({self.language})"

    def clean(self) -> None:
        super().clean()
        wrong: dict[str, Any] = {}
        known = {*COMMON, *FIELDS.get(self.event, ())}  # type: ignore[call-overload]
        for name in ("title", "text"):
            if complaint := _complaint(getattr(self, name), known):
                wrong[name] = complaint
        if self.channel == Channel.EMAIL and not self.title:
            wrong["title"] = _("An e-mail needs a title.")
        if self.channel == Channel.SMS and self.is_active and not self.sms_template:
            wrong["sms_template"] = _("Without the provider's template no SMS leaves.")
        if wrong:
            raise ValidationError(wrong)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled, once: what looks like one in a value stays as it is. Never fails."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


def placeholders(text: str) -> list[str]:
    """The names of a text's placeholders, each once."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def _complaint(text: str, known: set[str]) -> str:
    """What is wrong with the placeholders of a text."""
    names = ", ".join(f"{{{name}}}" for name in sorted(known))
    unknown = [name for name in placeholders(text) if name not in known]
    if unknown or re.search("[{}]", PLACEHOLDER.sub("", text)):
        return _("Only these may stand in braces: %(names)s") % {"names": names}
    return ""
