from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet, ModelForm, Select
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.goods import selectors, services
from apps.goods.exceptions import StockWouldBeNegative
from apps.goods.models import (
    SKU,
    Brand,
    Category,
    Channel,
    Goods,
    GoodsSpecification,
    SKUImage,
    SKUSpecification,
    SpecificationOption,
    StockMovement,
)


def thumbnail(url: str) -> SafeString | str:
    style = "width:48px;height:48px;object-fit:cover;border-radius:4px"
    return (
        format_html('<img src="{}" style="{}" loading="lazy" alt="">', url, style) if url else "–"
    )


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["id", "name", "parent", "sequence"]
    list_select_related = ["parent"]
    search_fields = ["=id", "name"]
    autocomplete_fields = ["parent"]

    def save_model(
        self, request: HttpRequest, obj: Category, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        services.forget_category_tree()

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        super().delete_model(request, obj)
        services.forget_category_tree()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        super().delete_queryset(request, queryset)
        services.forget_category_tree()


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):
    list_display = ["category", "group_id", "sequence", "url"]
    list_select_related = ["category"]
    autocomplete_fields = ["category"]


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    list_display = ["logo_thumbnail", "name", "first_letter"]
    list_display_links = ["name"]
    list_filter = ["first_letter"]
    search_fields = ["name"]

    @admin.display(description=_("logo"))
    def logo_thumbnail(self, brand: Brand) -> SafeString | str:
        return thumbnail(brand.logo.url if brand.logo else "")


class GoodsSpecificationInline(admin.TabularInline):
    model = GoodsSpecification
    extra = 0
    show_change_link = True


@admin.register(Goods)
class GoodsAdmin(admin.ModelAdmin):
    list_display = ["id", "name", "brand", "category"]
    list_select_related = ["brand", "category"]
    list_filter = ["brand"]
    search_fields = ["=id", "name"]
    autocomplete_fields = ["brand", "category"]
    inlines = [GoodsSpecificationInline]

    def save_model(self, request: HttpRequest, obj: Goods, form: ModelForm, change: bool) -> None:
        services.save_goods(obj)


class SpecificationOptionInline(admin.TabularInline):
    model = SpecificationOption
    extra = 0


@admin.register(GoodsSpecification)
class GoodsSpecificationAdmin(admin.ModelAdmin):
    list_display = ["id", "name", "goods"]
    list_select_related = ["goods"]
    search_fields = ["name", "goods__name"]
    autocomplete_fields = ["goods"]
    inlines = [SpecificationOptionInline]


@admin.register(SpecificationOption)
class SpecificationOptionAdmin(admin.ModelAdmin):
    list_display = ["id", "value", "spec"]
    list_select_related = ["spec"]
    search_fields = ["value", "spec__name", "spec__goods__name"]
    autocomplete_fields = ["spec"]


class SKUImageInline(admin.TabularInline):
    model = SKUImage
    extra = 0


class SKUSpecificationFormSet(BaseInlineFormSet):
    """Offers the specifications of the SKU's goods, read once for all rows; a new SKU has no goods yet."""

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
        if self.instance.pk:
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


class SKUSpecificationInline(admin.TabularInline):
    model = SKUSpecification
    formset = SKUSpecificationFormSet
    extra = 0
    autocomplete_fields = ["spec", "option"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SKUSpecification]:
        return super().get_queryset(request).select_related("spec", "option")


@admin.register(SKU)
class SKUAdmin(admin.ModelAdmin):
    """Stock is typed in once, for a new SKU; afterwards it changes by sales and stock movements only.

    A SKU is withdrawn, not deleted: carts and orders speak of it.
    """

    list_display = [
        "image_thumbnail",
        "id",
        "name",
        "category",
        "price",
        "stock",
        "sales",
        "is_launched",
    ]
    list_display_links = ["name"]
    list_select_related = ["category"]
    list_filter = ["is_launched", "goods__brand", "create_time"]
    search_fields = ["=id", "name"]
    autocomplete_fields = ["goods"]
    exclude = ["category"]
    inlines = [SKUSpecificationInline, SKUImageInline]
    actions = ["launch", "withdraw"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["stock", "sales", "opening_stock"] if obj else ["sales"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: SKU, form: ModelForm, change: bool) -> None:
        if change:
            services.describe_sku(obj, form.changed_data)
        else:
            services.open_sku(obj)

    @admin.display(description=_("image"))
    def image_thumbnail(self, sku: SKU) -> SafeString | str:
        return thumbnail(sku.default_image_url)

    @admin.action(description=_("Put on sale"))
    def launch(self, request: HttpRequest, queryset: QuerySet[SKU]) -> None:
        services.put_on_sale(queryset, launched=True)

    @admin.action(description=_("Withdraw from sale"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[SKU]) -> None:
        services.put_on_sale(queryset, launched=False)


@admin.register(StockMovement)
class StockMovementAdmin(admin.ModelAdmin):
    """Goods received, and corrections after counting. Never changed afterwards: correct it by another one."""

    list_display = ["create_time", "sku", "change", "reason", "note", "author"]
    list_select_related = ["sku", "author"]
    list_filter = ["reason", "create_time"]
    search_fields = ["=sku__id", "sku__name", "note"]
    autocomplete_fields = ["sku"]
    fields = ["sku", "change", "reason", "note"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: StockMovement, form: ModelForm, change: bool
    ) -> None:
        moved = services.move_stock(
            obj.sku_id,
            obj.change,
            reason=obj.reason,
            note=obj.note,
            author=request.user,  # type: ignore[arg-type]  # nobody is anonymous in the admin
        )
        obj.pk, obj.create_time, obj.author_id = moved.pk, moved.create_time, moved.author_id

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except StockWouldBeNegative as refusal:
            self.message_user(request, str(refusal.detail), messages.ERROR)
            request.method = "GET"
            return super().changeform_view(request, *args, **kwargs)
