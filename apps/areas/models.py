from django.db import models
from django.utils.translation import gettext_lazy as _


class AreaQuerySet(models.QuerySet["Area"]):
    def provinces(self) -> "AreaQuerySet":
        return self.filter(parent=None)


class Area(models.Model):
    """A province, a city or a district; the id is its six-digit code (GB/T 2260)."""

    id = models.PositiveIntegerField(_("code"), primary_key=True)
    name = models.CharField(_("name"), max_length=20)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        on_delete=models.PROTECT,
        related_name="subs",
        null=True,
        blank=True,
    )

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
