import re
import unicodedata
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import ExactCharField
from apps.verifications.models import MOBILE, mobile_validator

not_a_mobile_validator = RegexValidator(
    MOBILE, _("A username may not look like a mobile number."), inverse_match=True
)
USERNAME_TAKEN = _("This username is taken.")


def folded(username: str) -> str:
    """The username as names are compared: whatever its case, and whatever its width (Ａ is a)."""
    return unicodedata.normalize("NFKC", username).casefold()


class FoldedUsernameField(ExactCharField):
    """Follows ``username`` by itself whenever a row is saved.

    A unique column of its own, because databases disagree on how to ignore case, and MariaDB has no unique index on an
    expression.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        # A column of User, and of nothing else.
        value = folded(model_instance.username)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, value)
        return value


class AccountManager(UserManager["User"]):
    def named(self, username: str) -> models.QuerySet["User"]:
        """Whose name this is, in whatever case it is written: one user or none."""
        return self.filter(username_folded=folded(username))

    def of_account(self, account: str) -> models.QuerySet["User"]:
        """Who logs in by this username or mobile: one user or none, because no username looks like a mobile."""
        account = folded(account)
        if re.match(MOBILE, account):
            return self.filter(mobile=account)
        return self.named(account)

    def get_by_natural_key(self, account: str | None) -> "User":
        """The user with this username or mobile; authentication asks for it by this method.

        The text is compared once more: MySQL overlooks spaces at its end, and a name that can be written in many ways
        has as many times the guesses that ``services.log_in`` allows one name.
        """
        user = self.of_account(account or "").get()
        if folded(account or "") not in {user.username_folded, user.mobile}:
            raise self.model.DoesNotExist
        return user


class User(AbstractUser):
    """A buyer, or an operator if ``is_staff``. Logs in by username or mobile.

    Two usernames that differ in case or width only are the same name, on every database; it is shown as it was typed.
    """

    username = ExactCharField(
        _("username"),
        max_length=20,
        unique=True,
        validators=[UnicodeUsernameValidator(), not_a_mobile_validator],
        error_messages={"unique": USERNAME_TAKEN},
    )
    # Folding makes some letters three.
    username_folded = FoldedUsernameField(
        _("username, folded"), max_length=60, unique=True, editable=False
    )
    mobile = models.CharField(
        _("mobile"),
        max_length=11,
        unique=True,
        null=True,
        blank=True,
        validators=[mobile_validator],
    )
    email_active = models.BooleanField(_("e-mail verified"), default=False)
    default_address = models.ForeignKey(
        "users.Address",
        verbose_name=_("default address"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        indexes = [models.Index(fields=["date_joined"], name="user_by_age")]

    def clean(self) -> None:
        super().clean()
        # A form leaves out a name that it has refused already.
        if self.username and User.objects.named(self.username).exclude(pk=self.pk).exists():
            raise ValidationError({"username": ValidationError(USERNAME_TAKEN, code="unique")})
