"""What the pages of the back office are made of."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import ShowFacets
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from apps.core.admin.keyset import KeysetChangeList, ShopChangeList, UncountedPaginator
from apps.core.admin.unfolded import ChangeList, ModelAdmin, TabularInline


class ShopAdmin(ModelAdmin):
    """What every page of the back office is made of."""

    # A filter that is typed in has a button; the others follow it, so that several are set at once.
    list_filter_submit = True
    # How many rows there are without the search and the filters nobody asks, and counting them takes long.
    show_full_result_count = False
    # For rows that become ever more: paged by their key, in one order, without counting them.
    list_keyset = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.list_keyset:
            cls.show_facets = ShowFacets.NEVER
            cls.paginator = UncountedPaginator

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList if self.list_keyset else ShopChangeList

    def get_sortable_by(self, request: HttpRequest) -> Any:
        return () if self.list_keyset else super().get_sortable_by(request)


class ShopInline(TabularInline):
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
