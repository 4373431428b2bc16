from typing import Any

from django.contrib import admin, messages
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from apps.core.admin import DayRangeFilter, ShopAdmin
from apps.goods import services
from apps.goods.exceptions import StockWouldBeNegative, StockWouldBeTooMuch
from apps.goods.models import StockMovement


@admin.register(StockMovement)
class StockMovementAdmin(ShopAdmin):
    """Goods received, and corrections after counting. Never changed afterwards: correct it by another one."""

    list_display = ["create_time", "sku", "change", "reason", "note", "author"]
    list_select_related = ["sku", "author"]
    list_keyset = True
    list_filter = ["reason", ("create_time", DayRangeFilter)]
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
        except (StockWouldBeNegative, StockWouldBeTooMuch) as refusal:
            self.message_user(request, str(refusal.detail), messages.ERROR)
            request.method = "GET"
            return super().changeform_view(request, *args, **kwargs)
