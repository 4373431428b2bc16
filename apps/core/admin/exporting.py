"""How a list is taken out of the back office: what it offers, who may, and the ways to the page where that is done.

That page belongs to another app, which is known here by the name of its address only.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

PAGE, RIGHT = "admin:exports_export_new", "exports.add_export"
TICKED = "_rows"
"""In the page's address: the keys of the rows that were ticked. Without it the export is of the whole list."""


class Exporting:
    """Mixed into the pages: a list that names ``export_columns`` has a button and an action."""

    # What an export offers beside the list's own columns, by name or by way ("order__status"). None: there is none.
    export_columns: ClassVar[Sequence[str] | None] = None
    # Columns of the list that a spreadsheet has no use for: pictures, links, and what another column says better.
    export_without: ClassVar[Sequence[str]] = ()

    opts: Any

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether this operator may take this list out of the house."""
        may_look = self.export_columns is not None and self.has_view_permission(request)  # type: ignore[attr-defined]
        return may_look and request.user.has_perm(RIGHT)

    def get_export_columns(self, request: HttpRequest) -> list[str]:
        """What an export may hold for this operator, by name, in the order of the sheet."""
        listed = self.get_list_display(request)  # type: ignore[attr-defined]
        more = self._sifted(request, self.export_columns or ())  # type: ignore[attr-defined]
        return [name for name in dict.fromkeys([*listed, *more]) if name not in self.export_without]

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)  # type: ignore[misc]
        if IS_POPUP_VAR not in request.GET and self.has_export_permission(request):
            actions["export_ticked"] = self.get_action("export_ticked")  # type: ignore[attr-defined]
        return actions

    @admin.action(description=_("Export the selected rows"))
    def export_ticked(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        is_whole_list = request.POST.get("select_across") == "1"
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        return redirect(self._export_page(request.GET, [] if is_whole_list else ticked))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_export_permission(request):
            extra_context = {**(extra_context or {}), "export_page": self._export_page(request.GET)}
        answer: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]
        return answer

    def _export_page(self, asked: QueryDict, ticked: Sequence[str] = ()) -> str:
        """For the list as it is filtered, searched and ordered, or for these rows of it."""
        asked = asked.copy()
        if ticked:
            asked[TICKED] = ",".join(ticked)
        page = reverse(PAGE, args=[self.opts.app_label, self.opts.model_name])
        return f"{page}?{asked.urlencode()}" if asked else page
