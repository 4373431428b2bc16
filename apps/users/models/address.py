from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.areas.models import Area
from apps.core.models import TimestampedModel
from apps.users.models.account import User
from apps.verifications.models import mobile_validator


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
