from typing import Any
from urllib.parse import unquote_plus

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from apps.core.admin import DayRangeFilter, LookedAtAdmin
from apps.exports.admin.choosing import choosing_page
from apps.exports.admin.following import cancel, download_file, own_exports, progress_page
from apps.exports.admin.names import name_of_list
from apps.exports.models import Export


@admin.register(Export)
class ExportAdmin(LookedAtAdmin):
    """Who took what out of the house. The other pages are for whoever may export: his own exports."""

    list_display = [
        "create_time",
        "operator",
        "named_list",
        "asked",
        "kind",
        "rows",
        "state",
    ]
    list_display_links = ["create_time"]
    list_select_related = ["operator"]
    list_keyset = True
    list_filter = ["state", "kind", ("create_time", DayRangeFilter)]
    search_fields = ["=operator__username", "=model"]
    fields = [
        "operator",
        "named_list",
        "asked",
        "selected",
        "named_columns",
        "kind",
        "is_direct",
        "state",
        "error",
        "rows",
        "tries",
        "create_time",
        "finished_at",
    ]
    readonly_fields = ["named_list", "asked", "selected", "named_columns"]

    @admin.display(description=_("list"))
    def named_list(self, export: Export) -> str:
        return name_of_list(export)

    @admin.display(description=_("filter"))
    def asked(self, export: Export) -> str:
        return unquote_plus(export.query) or "–"

    @admin.display(description=_("selected rows"))
    def selected(self, export: Export) -> str:
        return ", ".join(export.ticked) or "–"

    @admin.display(description=_("columns"))
    def named_columns(self, export: Export) -> str:
        return ", ".join(export.columns)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        return super().get_queryset(request).select_related("operator")

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> URLPattern:
            def bound(request: HttpRequest, **kwargs: Any) -> Any:
                return view(self, request, **kwargs)

            return path(route, self.admin_site.admin_view(bound), name=f"exports_export_{name}")

        own = [
            page("new/<str:app_label>/<str:model_name>/", choosing_page, "new"),
            page("mine/", own_exports, "mine"),
            page("<int:export_id>/progress/", progress_page, "progress"),
            page("<int:export_id>/cancel/", cancel, "cancel"),
            page("<int:export_id>/download/", download_file, "download"),
        ]
        return [*own, *super().get_urls()]
