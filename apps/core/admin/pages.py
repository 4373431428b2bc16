"""What the pages of the back office are made of."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from apps.core.admin.unfolded import ModelAdmin, TabularInline


class ShopAdmin(ModelAdmin):
    """What every page of the back office is made of."""

    # A filter that is typed in has a button; the others follow it, so that several are set at once.
    list_filter_submit = True
    # How many rows there are without the search and the filters nobody asks, and counting them takes long.
    show_full_result_count = False


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
