from auditlog.models import LogEntry
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.admin import DayRangeFilter, LookedAtAdmin
from apps.core.admin.history import changes_shown

admin.site.unregister(LogEntry)


@admin.register(LogEntry)
class HistoryAdmin(LookedAtAdmin):
    """Every recorded change of a sensitive row, whoever's it was."""

    list_display = ["timestamp", "actor", "action", "content_type", "object_repr", "remote_addr"]
    list_select_related = ["actor", "content_type"]
    list_keyset = True
    ordering = ["-id"]
    list_filter = [
        "action",
        ("timestamp", DayRangeFilter),
        ("content_type", admin.RelatedOnlyFieldListFilter),
    ]
    search_fields = ["=object_pk", "=actor__username"]
    fields = [
        "timestamp",
        "actor",
        "remote_addr",
        "action",
        "content_type",
        "object_repr",
        "before_and_after",
    ]
    readonly_fields = ["before_and_after"]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> LogEntry | None:
        entry = super().get_object(request, object_id, from_field)
        if entry:
            entry.viewer = request.user  # who may not see every column
        return entry

    @admin.display(description=_("Before and after"))
    def before_and_after(self, entry: LogEntry) -> SafeString:
        rows = format_html_join(
            "",
            "<tr><th>{}</th><td>{}</td><td>{}</td></tr>",
            changes_shown(entry, entry.viewer),
        )
        return format_html("<table>{}</table>", rows)
