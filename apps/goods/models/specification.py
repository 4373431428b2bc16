from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import ExactCharField, TimestampedModel
from apps.goods.models.catalogue import Goods


class GoodsSpecification(TimestampedModel):
    """What a buyer chooses by: colour, size, memory."""

    goods = models.ForeignKey(
        Goods, verbose_name=_("goods"), on_delete=models.CASCADE, related_name="specs"
    )
    name = ExactCharField(_("name"), max_length=20)

    class Meta:
        verbose_name = _("specification")
        verbose_name_plural = _("specifications")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["goods", "name"], name="spec_name_once_per_goods"),
        ]

    def __str__(self) -> str:
        return self.name


class SpecificationOption(TimestampedModel):
    spec = models.ForeignKey(
        GoodsSpecification,
        verbose_name=_("specification"),
        on_delete=models.CASCADE,
        related_name="options",
    )
    value = ExactCharField(_("value"), max_length=20)

    class Meta:
        verbose_name = _("specification option")
        verbose_name_plural = _("specification options")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["spec", "value"], name="option_value_once_per_spec"),
        ]
        # The lists filter by the value of a specification of whatever goods.
        indexes = [models.Index(fields=["value", "spec"], name="option_by_value")]

    def __str__(self) -> str:
        return self.value
