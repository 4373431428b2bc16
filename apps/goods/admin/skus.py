from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR, InlineModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet, ModelForm, Select
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.admin import DayRangeFilter, PictureInput, ShopInline, recorded, thumbnail
from apps.core.pictures import PictureField
from apps.goods import selectors, services
from apps.goods.admin import sheets
from apps.goods.admin.base import CatalogueAdmin
from apps.goods.admin.low_stock import LowStockFilter, low_stock_page, movement_links
from apps.goods.models import (
    SKU,
    GoodsSpecification,
    SKUImage,
    SKUSpecification,
    SpecificationOption,
)


class SKUImageInline(ShopInline):
    model = SKUImage
    extra = 0
    formfield_overrides: ClassVar = {PictureField: {"widget": PictureInput}}


class SKUSpecificationFormSet(BaseInlineFormSet):
    """Offers the specifications of the SKU's goods, read once for all rows."""

    @cached_property
    def offers(self) -> dict[str, list[tuple[int | str, str]]]:
        goods_id = self.instance.goods_id
        specs = GoodsSpecification.objects.filter(goods=goods_id)
        options = SpecificationOption.objects.filter(spec__goods=goods_id).select_related("spec")
        return {
            "spec": [("", "–"), *((spec.pk, str(spec)) for spec in specs)],
            "option": [("", "–"), *((each.pk, f"{each.spec}: {each}") for each in options)],
        }

    def add_fields(self, form: ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        for name, choices in self.offers.items():
            form.fields[name].widget = Select(choices=choices)

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if not form.cleaned_data.get("DELETE")]
        option_ids = {row["option"].pk for row in kept if row.get("option")}
        twin = selectors.sku_of_options(self.instance.goods_id, option_ids, but=self.instance.pk)
        if twin:
            raise ValidationError(
                _("SKU %(id)d is this variant already: no buyer could tell them apart."),
                params={"id": twin},
            )


class SKUSpecificationInline(ShopInline):
    model = SKUSpecification
    formset = SKUSpecificationFormSet
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[SKUSpecification]:
        return super().get_queryset(request).select_related("spec", "option")


@admin.register(SKU)
class SKUAdmin(CatalogueAdmin):
    """Stock is typed in once, for a new SKU; afterwards it changes by sales and stock movements only.

    A SKU is withdrawn, not deleted: carts and orders speak of it.
    """

    from_sku = ("pk",)
    list_display = [
        "image_thumbnail",
        "id",
        "name",
        "category",
        "price",
        "stock",
        "sales",
        "is_launched",
        "movements",
    ]
    export_columns: ClassVar = [
        "caption",
        "goods_id",
        "goods__brand",
        "market_price",
        "cost_price",
        "opening_stock",
        "low_stock_at",
        "create_time",
    ]
    export_without: ClassVar = ["image_thumbnail", "movements"]
    list_display_links = ["name"]
    list_select_related = ["category"]
    list_keyset = True
    list_filter = [LowStockFilter, "is_launched", "goods__brand", ("create_time", DayRangeFilter)]
    search_fields = ["=id", "name"]
    autocomplete_fields = ["goods"]
    inlines = [SKUSpecificationInline, SKUImageInline]
    actions = ["launch", "withdraw"]

    def hidden_from(self, request: HttpRequest) -> set[str]:
        """The columns that this operator may not see, in forms and spreadsheets."""
        may_see_costs = request.user.has_perm("goods.view_cost_price")
        return set() if may_see_costs else {"cost_price"}

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["category", *self.hidden_from(request)]

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(partial(view, self))
            return path(route, wrapped, name=f"goods_sku_{name}")

        own = [
            page("low/", low_stock_page, "low"),
            page("sheet/", sheets.upload_page, "sheet"),
            page("sheet/export.xlsx", sheets.export, "sheet_export"),
            page("sheet/<int:sheet_id>/", sheets.preview_page, "sheet_preview"),
        ]
        return [*own, *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        # It stays with its goods, whose reviews its own are part of.
        return ["goods", "stock", "sales", "opening_stock"] if obj else ["sales"]

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[type[InlineModelAdmin]]:
        # A new SKU has no goods yet, whose specifications there are to choose from.
        return [each for each in self.inlines if obj or each is not SKUSpecificationInline]

    def response_add(
        self, request: HttpRequest, obj: SKU, post_url_continue: str | None = None
    ) -> HttpResponse:
        answer = super().response_add(request, obj, post_url_continue)
        goes_elsewhere = {"_addanother", IS_POPUP_VAR} & request.POST.keys()
        has_to_choose = self.has_change_permission(request, obj) and obj.goods.specs.exists()
        if goes_elsewhere or not has_to_choose:
            return answer
        self.message_user(request, _("Now choose its specifications below."), messages.WARNING)
        return redirect("admin:goods_sku_change", obj.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: SKU, form: ModelForm, change: bool) -> None:
        if change:
            services.describe_sku(obj, form.changed_data)
        else:
            if "cost_price" in self.hidden_from(request):
                obj.cost_price = Decimal("0.00")  # until somebody who knows it says
            services.open_sku(obj)

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        services.choose_main_image(form.instance)

    @admin.display(description=_("image"))
    def image_thumbnail(self, sku: SKU) -> SafeString | str:
        return thumbnail(sku.default_image)

    @admin.display(description=_("stock movements"))
    def movements(self, sku: SKU) -> SafeString:
        return movement_links(sku)

    @admin.action(description=_("Put on sale"), permissions=["change"])
    def launch(self, request: HttpRequest, queryset: QuerySet[SKU]) -> None:
        with recorded(queryset, "is_launched"):
            services.put_on_sale(queryset, launched=True)

    @admin.action(description=_("Withdraw from sale"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[SKU]) -> None:
        with recorded(queryset, "is_launched"):
            services.put_on_sale(queryset, launched=False)
