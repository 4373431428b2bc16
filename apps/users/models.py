import re
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.areas.models import Area
from apps.core.models import TimestampedModel

MOBILE = r"\A1[3-9][0-9]{9}\Z"
mobile_validator = RegexValidator(MOBILE, _("This is not a mobile number."))
not_a_mobile_validator = RegexValidator(
    MOBILE, _("A username may not look like a mobile number."), inverse_match=True
)


class AccountManager(UserManager["User"]):
    def get_by_natural_key(self, account: str | None) -> "User":
        """The user with this username or mobile; authentication asks for it by this method.

        A username cannot look like a mobile, so at most one user answers to either.
        """
        field = "mobile" if re.match(MOBILE, account or "") else self.model.USERNAME_FIELD
        return self.get(**{field: account})


class User(AbstractUser):
    """A buyer, or an operator if ``is_staff``. Logs in by username or mobile."""

    username = models.CharField(
        _("username"),
        max_length=20,
        unique=True,
        validators=[UnicodeUsernameValidator(), not_a_mobile_validator],
        error_messages={"unique": _("This username is taken.")},
    )
    mobile = models.CharField(
        _("mobile"),
        max_length=11,
        unique=True,
        null=True,  # noqa: DJ001  an operator may have none, and "" could be had only once
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


class AddressQuerySet(models.QuerySet["Address"]):
    def live(self) -> "AddressQuerySet":
        """Those their owner has not deleted."""
        return self.filter(is_deleted=False)

    def with_areas(self) -> "AddressQuerySet":
        return self.select_related("province", "city", "district")


class Address(TimestampedModel):
    """Where a buyer wants goods sent. Deleting hides it; orders keep their own copy of the text."""

    LIMIT = 20

    user = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="addresses"
    )
    title = models.CharField(_("title"), max_length=20)
    receiver = models.CharField(_("receiver"), max_length=20)
    province = models.ForeignKey(
        Area, verbose_name=_("province"), on_delete=models.PROTECT, related_name="+"
    )
    city = models.ForeignKey(
        Area, verbose_name=_("city"), on_delete=models.PROTECT, related_name="+"
    )
    district = models.ForeignKey(
        Area, verbose_name=_("district"), on_delete=models.PROTECT, related_name="+"
    )
    place = models.CharField(_("place"), max_length=50)
    mobile = models.CharField(_("mobile"), max_length=11, validators=[mobile_validator])
    tel = models.CharField(_("telephone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), max_length=30, blank=True)
    is_deleted = models.BooleanField(_("deleted"), default=False)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering = ["-update_time", "-id"]

    def __str__(self) -> str:
        return f"{self.receiver}, {self.place}"
