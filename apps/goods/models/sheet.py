from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT_UNAPPLIED = timedelta(days=2)


class StockSheetQuerySet(models.QuerySet["StockSheet"]):
    def applied(self) -> "StockSheetQuerySet":
        return self.filter(applied_time__isnull=False)

    def forget_unapplied(self) -> None:
        """Remove previews that nobody confirmed for days."""
        then = timezone.now() - KEPT_UNAPPLIED
        self.filter(applied_time=None, create_time__lt=then).delete()

    def mark_applied(self, pk: int) -> bool:
        """True once for each sheet."""
        return self.filter(pk=pk, applied_time=None).update(applied_time=timezone.now()) == 1


class StockSheet(models.Model):
    """A spreadsheet of prices and stock that was uploaded: what it would change as it was looked at, and if it did.

    ``changes`` is a list of what ``apps.goods.services.sheets.Change`` holds. ``digest`` tells the same file.
    """

    name = models.CharField(_("file"), max_length=100)
    digest = models.CharField(max_length=64)
    changes = models.JSONField(_("changes"), default=list)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    create_time = models.DateTimeField(_("created"), auto_now_add=True)
    applied_time = models.DateTimeField(_("applied"), null=True)

    objects = StockSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("spreadsheet of prices and stock")
        verbose_name_plural = _("spreadsheets of prices and stock")
        ordering = ["-id"]
        indexes = [models.Index(fields=["digest"], name="sheet_by_digest")]

    def __str__(self) -> str:
        return self.name
