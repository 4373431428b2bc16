import re
import secrets
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimestampedModel
from apps.notifications.models.events import EventsField


def new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def validate_url(url: str) -> None:
    """Only what can be seen without asking a name server; every delivery looks again at where the name leads."""
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.scheme not in {"http", "https"} or not re.fullmatch("[!-~]+", url):
        raise ValidationError(_("This is not an address such as https://erp.example/hooks."))
    if parts.username is not None or parts.fragment:
        raise ValidationError(_("An address has no password and no # in it here."))
    if settings.WEBHOOK_ALLOW_PRIVATE:
        return
    if parts.scheme != "https":
        raise ValidationError(_("Only https:// addresses are called."))
    if not _may_be_public(parts.hostname or ""):
        raise ValidationError(_("This address is inside our own network."))


def _may_be_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return host.rstrip(".").rpartition(".")[2].lower() not in {"localhost", "local", "internal"}


class WebhookEndpoint(TimestampedModel):
    """A server that is told of events as they happen.

    After ``secret`` was replaced, ``previous_secret`` signs as well until ``previous_until``.
    """

    name = models.CharField(_("name"), max_length=50, unique=True)
    url = models.CharField(_("address"), max_length=500, validators=[validate_url])
    events = EventsField(_("events"))
    is_active = models.BooleanField(_("switched on"), default=True)
    secret = models.CharField(_("secret"), max_length=64, default=new_secret, editable=False)
    previous_secret = models.CharField(
        _("previous secret"), max_length=64, blank=True, editable=False
    )
    previous_until = models.DateTimeField(
        _("previous secret until"), null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(secret=""), name="endpoint_has_a_secret"),
        ]

    def __str__(self) -> str:
        return self.name

    def secrets_at(self, at: datetime) -> list[str]:
        """The secrets that sign then, the newest first."""
        is_both = self.previous_until is not None and at < self.previous_until
        return [self.secret, *([self.previous_secret] if is_both else [])]
