from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.admin import DayRangeFilter
from apps.payment.admin.base import ReadOnlyAdmin
from apps.payment.models import AuditRun


@admin.register(AuditRun)
class AuditRunAdmin(ReadOnlyAdmin):
    """What each night's audit found."""

    list_display = ["started_at", "duration", "state", "difference_count"]
    list_filter = [("started_at", DayRangeFilter)]
    fields = ["started_at", "finished_at", "duration", "state", "difference_count", "found"]
    readonly_fields = ["duration", "state", "found"]

    @admin.display(description=_("duration"))
    def duration(self, run: AuditRun) -> str:
        return "–" if run.duration is None else f"{run.duration.total_seconds():.1f} s"

    @admin.display(description=_("state"))
    def state(self, run: AuditRun) -> str:
        if run.finished_at is None:
            return str(_("not finished"))
        return str(_("does not add up") if run.difference_count else _("adds up"))

    @admin.display(description=_("differences"))
    def found(self, run: AuditRun) -> SafeString | str:
        return format_html("<pre>{}</pre>", run.differences) if run.differences else "–"
