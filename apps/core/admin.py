"""Pieces of pages that several apps have in the back office."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminFileWidget
from django.db.models import QuerySet
from django.db.models.fields.files import ImageFieldFile
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from apps.core import pictures

# A word of Django's own pages that it has no Chinese for: our catalogue takes it from here.
LEFT_IN_ENGLISH = [gettext_lazy("Error:")]


class ShopAdmin(admin.ModelAdmin):
    """What every page of the back office is made of."""


class ShopInline(admin.TabularInline):
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


def thumbnail(picture: ImageFieldFile, *, side: int = 80) -> SafeString | str:
    """The picture, small; ``side`` is one of the sizes that pictures have."""
    if not picture.name:
        return "–"
    # In a list all are squares of the same size, and sharp on a screen with two dots a pixel.
    in_a_list = "width:48px;height:48px;object-fit:cover;"
    style = f"{in_a_list if side == 80 else ''}border-radius:4px"
    url = pictures.urls(picture.name, picture.storage)[str(side)]
    return format_html('<img src="{}" style="{}" loading="lazy" alt="">', url, style)


class PictureInput(AdminFileWidget):
    """Where another picture is chosen; the one there is now is seen above it."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chooser = super().render(name, value, attrs, renderer)
        if not self.is_initial(value):
            return chooser
        return format_html('<div class="picture">{}{}</div>', thumbnail(value, side=480), chooser)
