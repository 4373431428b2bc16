from collections.abc import Collection
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.goods.models.sku import MOST_STOCK, SKU


class StockMovementQuerySet(models.QuerySet["StockMovement"]):
    def last_ids(self, sku_ids: Collection[int]) -> dict[int, int]:
        """The id of the last movement of each of these SKUs that has any."""
        moved = self.filter(sku__in=sku_ids).order_by().values("sku")
        return dict(moved.annotate(last=Max("pk")).values_list("sku", "last"))


class StockMovement(models.Model):
    """A change of stock that is not a sale. Append-only; the audit adds them up."""

    class Reason(models.TextChoices):
        RECEIPT = "receipt", _("goods received")
        CORRECTION = "correction", _("correction after counting")
        RETURN = "return", _("returned by a buyer")
        DAMAGE = "damage", _("damaged or lost")
        SHEET = "sheet", _("by spreadsheet")

    GOES_DOWN: ClassVar = {Reason.CORRECTION, Reason.DAMAGE, Reason.SHEET}

    sku = models.ForeignKey(
        SKU, verbose_name=_("SKU"), on_delete=models.PROTECT, related_name="movements"
    )
    change = models.IntegerField(
        _("change"),
        help_text=_("Units; negative when stock goes down."),
        validators=[MinValueValidator(-MOST_STOCK), MaxValueValidator(MOST_STOCK)],
    )
    stock_after = models.PositiveIntegerField(_("stock then"), null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    note = models.CharField(_("note"), max_length=200, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    create_time = models.DateTimeField(_("created"), auto_now_add=True)
    # Of the form it was written in, which may be sent twice.
    key = models.UUIDField(null=True, unique=True, editable=False)

    objects = StockMovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.change:+d}"

    def clean(self) -> None:
        if self.change is not None and self.change <= 0 and self.reason not in self.GOES_DOWN:
            raise ValidationError({"change": _("What comes in is more than nothing.")})
        if self.change == 0:
            raise ValidationError({"change": _("A movement of nothing is none.")})
