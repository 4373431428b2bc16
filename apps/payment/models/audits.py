from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT = timedelta(days=400)


class AuditRunQuerySet(models.QuerySet["AuditRun"]):
    def finish(self, pk: int, *, count: int, found: list[str]) -> None:
        """Write down what a run found, ``count`` differences, of which ``found`` are the first."""
        self.filter(pk=pk).update(
            finished_at=timezone.now(), difference_count=count, differences="\n".join(found)
        )

    def forget_old(self) -> None:
        self.filter(started_at__lt=timezone.now() - KEPT).delete()


class AuditRun(models.Model):
    """One night's audit: when, and what does not add up. Without ``finished_at`` it runs, or broke off."""

    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    difference_count = models.PositiveIntegerField(_("number of differences"), default=0)
    differences = models.TextField(
        _("differences"), blank=True, help_text=_("The first ones, one in a line.")
    )

    objects = AuditRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.started_at):%Y-%m-%d %H:%M}"

    @property
    def duration(self) -> timedelta | None:
        return self.finished_at - self.started_at if self.finished_at else None
