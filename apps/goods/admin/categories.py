from typing import ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.admin import thumbnail
from apps.goods.admin.base import CatalogueAdmin
from apps.goods.models import Brand, Category, Channel


@admin.register(Category)
class CategoryAdmin(CatalogueAdmin):
    from_sku = ("category", "category__parent", "category__parent__parent")
    list_display = ["id", "name", "parent", "sequence"]
    export_columns: ClassVar = []
    list_select_related = ["parent"]
    search_fields = ["=id", "name"]
    autocomplete_fields = ["parent"]


@admin.register(Channel)
class ChannelAdmin(CatalogueAdmin):
    list_display = ["category", "group_id", "sequence", "url"]
    list_select_related = ["category"]
    autocomplete_fields = ["category"]


@admin.register(Brand)
class BrandAdmin(CatalogueAdmin):
    from_sku = ("goods__brand",)
    list_display = ["logo_thumbnail", "name", "first_letter"]
    export_columns: ClassVar = ["id"]
    export_without: ClassVar = ["logo_thumbnail"]
    list_display_links = ["name"]
    list_filter = ["first_letter"]
    search_fields = ["name"]

    @admin.display(description=_("logo"))
    def logo_thumbnail(self, brand: Brand) -> SafeString | str:
        return thumbnail(brand.logo)
