from typing import ClassVar

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ShopInline
from apps.goods import services
from apps.goods.admin.base import CatalogueAdmin
from apps.goods.models import Goods, GoodsSpecification, SpecificationOption


class GoodsSpecificationInline(ShopInline):
    model = GoodsSpecification
    extra = 0
    show_change_link = True


@admin.register(Goods)
class GoodsAdmin(CatalogueAdmin):
    from_sku = ("goods",)
    list_display = ["id", "name", "brand", "category"]
    export_columns: ClassVar = ["create_time"]
    list_select_related = ["brand", "category"]
    list_filter = ["brand"]
    search_fields = ["=id", "name"]
    autocomplete_fields = ["brand", "category"]
    inlines = [GoodsSpecificationInline]

    def save_model(self, request: HttpRequest, obj: Goods, form: ModelForm, change: bool) -> None:
        services.save_goods(obj)


class SpecificationOptionInline(ShopInline):
    model = SpecificationOption
    extra = 0


@admin.register(GoodsSpecification)
class GoodsSpecificationAdmin(CatalogueAdmin):
    from_sku = ("goods__specs",)
    list_display = ["id", "name", "goods"]
    list_select_related = ["goods"]
    search_fields = ["name", "goods__name"]
    autocomplete_fields = ["goods"]
    inlines = [SpecificationOptionInline]


@admin.register(SpecificationOption)
class SpecificationOptionAdmin(CatalogueAdmin):
    from_sku = ("goods__specs__options",)
    list_display = ["id", "value", "spec", "goods"]
    list_select_related = ["spec__goods"]
    search_fields = ["value", "spec__name", "spec__goods__name"]
    autocomplete_fields = ["spec"]

    @admin.display(description=_("goods"), ordering="spec__goods")
    def goods(self, option: SpecificationOption) -> Goods:
        return option.spec.goods
