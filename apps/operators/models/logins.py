from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class LoginEvent(models.Model):
    """That somebody came to the door of the back office, whether he was let in, and with what from then on.

    Written once, never changed.
    """

    class Outcome(models.TextChoices):
        PASSWORD = "password", _("password right")
        CODE = "code", _("code right")
        WRONG_PASSWORD = "wrong_password", _("wrong name or password")
        WRONG_CODE = "wrong_code", _("wrong code")
        NO_OPERATOR = "no_operator", _("is no operator")
        THROTTLED = "throttled", _("too many tries")
        TIMED_OUT = "timed_out", _("logged out after a pause")
        LOGGED_OUT = "logged_out", _("logged out")
        ENROLLED = "enrolled", _("second factor set up")
        REPLACED = "replaced", _("second factor replaced")

    at = models.DateTimeField(_("at"), auto_now_add=True)
    # As it was typed, cut to length; whose name it is, if it is somebody's.
    username = models.CharField(_("user name"), max_length=150)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="login_events",
        verbose_name=_("user"),
    )
    address = models.CharField(_("IP address"), max_length=45)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)

    class Meta:
        verbose_name = _("login event")
        verbose_name_plural = _("login events")
        ordering = ["-id"]
        indexes = [models.Index(fields=["address", "id"], name="login_by_address")]

    def __str__(self) -> str:
        return f"{self.username} {self.get_outcome_display()}"
