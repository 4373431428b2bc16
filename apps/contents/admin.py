from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.contents import services
from apps.contents.models import Content, ContentCategory, ContentQuerySet
from apps.core.admin import AnnouncingAdmin, PictureInput, recorded, thumbnail
from apps.core.pictures import PictureField


@admin.register(ContentCategory)
class ContentCategoryAdmin(AnnouncingAdmin):
    announce = staticmethod(services.announce)
    list_display = ["name", "key"]
    search_fields = ["name", "key"]


class StateFilter(admin.SimpleListFilter):
    title = _("state now")
    parameter_name = "state"
    STATES: dict[str, tuple[Any, Callable[[ContentQuerySet, datetime], QuerySet]]] = {
        "live": (_("shown"), ContentQuerySet.live),
        "coming": (_("to come"), ContentQuerySet.coming),
        "over": (_("over"), ContentQuerySet.over),
        "off": (_("switched off"), lambda contents, at: contents.filter(status=False)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state, label) for state, (label, _contents_in) in self.STATES.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet | None:
        _label, contents_in = self.STATES.get(self.value() or "", (None, None))
        return contents_in(queryset, timezone.now()) if contents_in else None


@admin.register(Content)
class ContentAdmin(AnnouncingAdmin):
    announce = staticmethod(services.announce)
    list_display = [
        "image_thumbnail",
        "title",
        "category",
        "sequence",
        "status",
        "is_live",
        "start_time",
        "end_time",
    ]
    list_display_links = ["title"]
    list_editable = ["sequence", "status"]
    list_select_related = ["category"]
    list_filter = [StateFilter, "category", "start_time", "end_time"]
    search_fields = ["title", "url", "=category__key"]
    autocomplete_fields = ["category"]
    formfield_overrides: ClassVar = {PictureField: {"widget": PictureInput}}
    fields = [
        "category",
        "title",
        "url",
        "image",
        "text",
        "sequence",
        "status",
        "start_time",
        "end_time",
    ]
    actions = ["show", "hide"]

    @admin.display(description=_("image"))
    def image_thumbnail(self, content: Content) -> SafeString | str:
        return thumbnail(content.image)

    @admin.display(description=_("shown now"), boolean=True)
    def is_live(self, content: Content) -> bool:
        return content.is_live(timezone.now())

    @admin.action(description=_("Switch on"), permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Content]) -> None:
        with recorded(queryset, "status"):
            services.show(queryset, shown=True)

    @admin.action(description=_("Switch off"), permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Content]) -> None:
        with recorded(queryset, "status"):
            services.show(queryset, shown=False)

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(self.preview)
        return [path("preview/", preview, name="contents_content_preview"), *super().get_urls()]

    def preview(self, request: HttpRequest) -> TemplateResponse:
        """What the home page shows now, or at another time."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        at = _moment(request.GET.get("at", ""))
        live = Content.objects.live(at).order_by("sequence", "id")
        places = ContentCategory.objects.prefetch_related(Prefetch("contents", live))
        context = {
            **self.admin_site.each_context(request),
            "title": _("What the home page shows"),
            "opts": self.opts,
            "places": places,
            "at": at,
        }
        return TemplateResponse(request, "admin/contents/content/preview.html", context)


def _moment(written: str) -> datetime:
    """The time somebody asks for, now if there is no such time."""
    try:
        return forms.DateTimeField(required=False).clean(written) or timezone.now()
    except ValidationError:
        return timezone.now()
