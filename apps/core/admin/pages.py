"""What the pages of the back office are made of."""

from collections.abc import Callable
from typing import Any

from auditlog.registry import auditlog
from django.contrib.admin import ShowFacets
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from apps.core.admin import searching
from apps.core.admin.exporting import Exporting
from apps.core.admin.guarding import Guarding
from apps.core.admin.history import MOST_SHOWN, changes_shown, entries_of
from apps.core.admin.keyset import KeysetChangeList, ShopChangeList, UncountedPaginator
from apps.core.admin.unfolded import ChangeList, ModelAdmin, TabularInline


class ShopAdmin(Exporting, Guarding, ModelAdmin):
    """What every page of the back office is made of."""

    # A filter that is typed in has a button; the others follow it, so that several are set at once.
    list_filter_submit = True
    # How many rows there are without the search and the filters nobody asks, and counting them takes long.
    show_full_result_count = False
    # For rows that become ever more: paged by their key, in one order, without counting them.
    list_keyset = False
    # Columns of search_fields with "=" come first; the others are looked through only if none of them is it.
    search_whole_first = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.list_keyset:
            cls.show_facets = ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList if self.list_keyset else ShopChangeList

    def get_paginator(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        # Of the entries of a row's history, which are paged, too, there are few.
        if self.list_keyset and queryset.model is self.model:
            return UncountedPaginator(queryset, *args, **kwargs)
        return super().get_paginator(request, queryset, *args, **kwargs)

    def get_sortable_by(self, request: HttpRequest) -> Any:
        return () if self.list_keyset else super().get_sortable_by(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By whole values where the page says so, which costs the same however many rows there are."""
        fields = self.get_search_fields(request)
        columns = searching.whole_columns(fields)
        text = search_term.strip()
        if not text or not self._is_searched_whole(fields):
            return super().get_search_results(request, queryset, search_term)
        if found := searching.whole(self.model, columns, text):
            return queryset.filter(found), False
        parts = [field for field in fields if not field.startswith("=")]
        return (queryset.filter(searching.part(parts, text)) if parts else queryset.none()), False

    def searched_by(self, request: HttpRequest) -> str:
        """What the search field says can be typed in; "" leaves it to the page."""
        fields = self.get_search_fields(request)
        columns = searching.whole_columns(fields)
        return searching.searched_by(self.model, columns) if self._is_searched_whole(fields) else ""

    def _is_searched_whole(self, fields: Any) -> bool:
        columns = searching.whole_columns(fields)
        return bool(columns) and (self.search_whole_first or len(columns) == len(fields))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's own, and below it what is recorded of the row, as far as this operator may see its columns."""
        recorded = []
        if auditlog.contains(self.model) and (row := self.get_object(request, object_id)):
            entries = entries_of(row)[:MOST_SHOWN]
            recorded = [(entry, changes_shown(entry, request.user)) for entry in entries]
        return super().history_view(
            request, object_id, {**(extra_context or {}), "recorded": recorded}
        )


class LookedAtAdmin(ShopAdmin):
    """Rows that are looked at, and changed by nobody here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ShopInline(Guarding, TabularInline):
    """Rows below another row, in the manner of the back office."""


class AnnouncingAdmin(ShopAdmin):
    """Whatever is changed here shows on the shop's cached pages at once: every change is followed by ``announce``."""

    announce: Callable[[], None]

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self.announce()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self.announce()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        super().delete_queryset(request, queryset)
        self.announce()
