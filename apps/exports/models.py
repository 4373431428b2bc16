import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.private_files import private_storage

SILENT = timedelta(minutes=5)
"""After which a worker that did not say how far it is counts as dead. Packing a million rows takes a part of it."""
MOST_TRIES = 3


class ExportQuerySet(models.QuerySet["Export"]):
    """Whoever works on an export has its ``claim``; every step he makes is made only while that is still his."""

    def unfinished(self) -> "ExportQuerySet":
        return self.filter(state__in=[Export.State.QUEUED, Export.State.RUNNING])

    def waiting(self, now: datetime) -> "ExportQuerySet":
        """Those to be worked on: nobody has begun, or who had is silent."""
        left = Q(state=Export.State.RUNNING, seen_at__lt=now - SILENT)
        queued = Q(state=Export.State.QUEUED)
        return self.filter(queued | left, is_direct=False, tries__lt=MOST_TRIES)

    def claim(self, export: "Export", now: datetime) -> bool:
        """Take up an export of ``waiting``; False if somebody else did.

        The name of the file is known before there is one: whatever becomes of this worker, it can be removed.
        """
        claim = secrets.token_hex(8)
        claimed = self.waiting(now).filter(pk=export.pk, claim=export.claim)
        if not claimed.update(
            state=Export.State.RUNNING,
            claim=claim,
            file=f"exports/{export.pk}-{claim}.{export.kind}",
            tries=F("tries") + 1,
            rows=0,
            seen_at=now,
        ):
            return False
        export.refresh_from_db()
        return True

    def go_on(self, export: "Export", **changed: int) -> bool:
        """Say how far it is; False if it is not this worker's any more."""
        return self._held(export).update(seen_at=timezone.now(), **changed) == 1

    def finish(self, export: "Export", *, rows: int) -> bool:
        now = timezone.now()
        done = self._held(export)
        return done.update(state=Export.State.DONE, rows=rows, seen_at=now, finished_at=now) == 1

    def fail(self, export: "Export", error: str) -> bool:
        return (
            self._held(export).update(
                state=Export.State.FAILED, error=error[:200], finished_at=timezone.now()
            )
            == 1
        )

    def put_back(self, export: "Export") -> bool:
        """Let it be taken up again at once."""
        return self._held(export).update(state=Export.State.QUEUED) == 1

    def cancel(self, pk: int) -> bool:
        """True if it was not finished; who works on it hears of it when he says how far he is."""
        canceled = self.unfinished().filter(pk=pk)
        return canceled.update(state=Export.State.CANCELED, finished_at=timezone.now()) == 1

    def give_up(self, now: datetime) -> int:
        """Fail what was tried in vain for the last time, and what was streamed to a browser and broken off."""
        dead = Q(state=Export.State.RUNNING, seen_at__lt=now - SILENT)
        tried = Q(tries__gte=MOST_TRIES) & (dead | Q(state=Export.State.QUEUED))
        return self.filter(tried | dead & Q(is_direct=True)).update(
            state=Export.State.FAILED, finished_at=now
        )

    def with_file(self) -> "ExportQuerySet":
        return self.exclude(file="")

    def forget_file(self, export: "Export") -> bool:
        """It was removed: of an export that was done, nothing can be downloaded any more."""
        self.filter(pk=export.pk, state=Export.State.DONE).update(state=Export.State.EXPIRED)
        return self.filter(pk=export.pk).update(file="") == 1

    def _held(self, export: "Export") -> "ExportQuerySet":
        return self.filter(pk=export.pk, claim=export.claim, state=Export.State.RUNNING)


class Export(models.Model):
    """That somebody took a list out of the house: who, when, which rows and columns of it. Never deleted.

    ``query`` is the address of the list behind its "?"; ``ticked`` are the keys of the rows chosen there, [] for all.
    """

    class Kind(models.TextChoices):
        XLSX = "xlsx", _("Excel workbook (.xlsx)")
        CSV = "csv", _("CSV text (.csv)")

    class State(models.TextChoices):
        QUEUED = "queued", _("waits for a worker")
        RUNNING = "running", _("being written")
        DONE = "done", pgettext_lazy("export", "done")
        FAILED = "failed", pgettext_lazy("export", "failed")
        CANCELED = "canceled", pgettext_lazy("export", "canceled")
        EXPIRED = "expired", _("file removed")

    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("operator"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    model = models.CharField(_("list"), max_length=100)
    query = models.TextField(_("filter"), blank=True)
    ticked = models.JSONField(_("selected rows"), default=list, blank=True)
    columns = models.JSONField(_("columns"), default=list)
    kind = models.CharField(_("file type"), max_length=4, choices=Kind, default=Kind.XLSX)
    language = models.CharField(_("language"), max_length=10)
    is_direct = models.BooleanField(_("handed out at once"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    estimated = models.PositiveIntegerField(_("rows expected"), default=0)
    error = models.CharField(_("error"), max_length=200, blank=True)
    file = models.FileField(_("file"), max_length=100, blank=True, storage=private_storage)
    claim = models.CharField(max_length=16, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    create_time = models.DateTimeField(_("created"), default=timezone.now)
    seen_at = models.DateTimeField(_("last sign of life"), default=timezone.now)
    finished_at = models.DateTimeField(pgettext_lazy("export", "finished"), null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        permissions = [("export_personal", _("Can export names, telephones and addresses"))]
        indexes = [
            models.Index(fields=["state", "seen_at"], name="export_by_state"),
            models.Index(fields=["operator", "model"], name="export_by_operator"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.model}"

    @property
    def is_finished(self) -> bool:
        return self.state not in (self.State.QUEUED, self.State.RUNNING)

    @property
    def is_kept(self) -> bool:
        """Whether there is a file to be downloaded."""
        return self.state == self.State.DONE and bool(self.file)
