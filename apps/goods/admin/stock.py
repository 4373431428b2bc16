"""Goods received, written off, counted: each by a form of its own, none ever changed afterwards."""

import uuid
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from apps.core.admin import DayRangeFilter, ShopAdmin
from apps.core.exceptions import DomainError
from apps.goods import services
from apps.goods.models import MOST_STOCK, SKU, StockMovement


class MovementForm(forms.ModelForm):
    """``once`` belongs to this page: however often it is sent, it is booked once."""

    title: ClassVar = _("Receive goods")
    columns: ClassVar = ["sku", "change", "note", "once"]

    change = forms.IntegerField(label=_("units that came in"), min_value=1, max_value=MOST_STOCK)
    once = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = StockMovement
        fields = ["sku", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "once" in self.fields:
            self.fields["once"].initial = uuid.uuid4()

    def book(self, **by: Any) -> StockMovement:
        written = self.cleaned_data
        return services.receive_stock(
            written["sku"].pk, written["change"], note=written["note"], key=written["once"], **by
        )


class WriteOffForm(MovementForm):
    title = _("Write off goods")

    change = forms.IntegerField(label=_("units damaged or lost"), min_value=1, max_value=MOST_STOCK)

    def book(self, **by: Any) -> StockMovement:
        written = self.cleaned_data
        return services.write_off_stock(
            written["sku"].pk, written["change"], note=written["note"], key=written["once"], **by
        )


class ChoiceForm(MovementForm):
    """Which SKU was counted: before that is known, nobody can say what the shop has."""

    title = _("Correct the stock")
    columns = ["sku"]
    change = None  # type: ignore[assignment]
    once = None  # type: ignore[assignment]

    class Meta(MovementForm.Meta):
        fields = ["sku"]


class CorrectionForm(MovementForm):
    """``seen`` and ``last_movement`` are what the operator counted against: the stock as it is on this page."""

    title = _("Correct the stock")
    columns = ["sku", "counted", "note", "seen", "last_movement"]
    change = None  # type: ignore[assignment]
    once = None  # type: ignore[assignment]

    counted = forms.IntegerField(label=_("units counted"), min_value=0, max_value=MOST_STOCK)
    seen = forms.IntegerField(widget=forms.HiddenInput)
    last_movement = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sku"].widget = forms.HiddenInput()
        if not self.is_bound:
            self._show(int(self.initial["sku"]))

    def _show(self, sku_id: int) -> None:
        # The movement first: one between the two is noticed when the form comes back.
        self.fields["last_movement"].initial = StockMovement.objects.last_ids([sku_id]).get(
            sku_id, 0
        )
        sku = SKU.objects.get(pk=sku_id)
        self.fields["seen"].initial = sku.stock
        self.fields["counted"].help_text = _("SKU %(id)d, %(name)s: the shop says %(stock)d.") % {
            "id": sku.pk,
            "name": sku.name,
            "stock": sku.stock,
        }

    def clean(self) -> dict[str, Any]:
        written = super().clean() or self.cleaned_data
        counted, sku = written.get("counted"), written.get("sku")
        if sku and counted is not None and counted == written.get("seen"):
            last = StockMovement.objects.last_ids([sku.pk]).get(sku.pk, 0)
            if last != written.get("last_movement"):
                # That was so. The service refuses what was booked meanwhile.
                return written
            raise ValidationError(
                {"counted": _("That is what the shop has: there is nothing to correct.")}
            )
        return written

    def book(self, **by: Any) -> StockMovement:
        names = ("counted", "seen", "last_movement", "note")
        figures = {name: self.cleaned_data[name] for name in names}
        return services.correct_stock(self.cleaned_data["sku"].pk, **figures, **by)


@admin.register(StockMovement)
class StockMovementAdmin(ShopAdmin):
    """What moved that was not a sale. Never changed afterwards: correct it by another one."""

    list_display = ["create_time", "sku", "change", "stock_after", "reason", "note", "author"]
    list_select_related = ["sku", "author"]
    export_columns: ClassVar = ["sku_id"]
    list_keyset = True
    list_filter = ["reason", ("create_time", DayRangeFilter)]
    search_fields = ["=sku__id", "sku__name", "note"]
    autocomplete_fields = ["sku"]
    change_list_template = "admin/goods/stockmovement/change_list.html"

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        def page(form: type[MovementForm], name: str) -> URLPattern:
            def view(request: HttpRequest) -> HttpResponse:
                return self._page(request, form)

            route = name.replace("_", "-") + "/"
            name = f"goods_stockmovement_{name}"
            return path(route, self.admin_site.admin_view(view), name=name)

        own = [page(CorrectionForm, "correct"), page(WriteOffForm, "write_off")]
        return [*own, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, MovementForm)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = _form_of(request)
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        if obj:
            return ["sku", "change", "stock_after", "reason", "note", "author", "create_time"]
        return list(_form_of(request).columns)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["stock_after", "author", "create_time"] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        if not _chosen(request):
            initial.pop("sku", None)
        return initial

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> StockMovement:
        moved: StockMovement = form.book(author=request.user)
        # What is logged and said of it is of the row that was written.
        form.instance = moved
        return moved

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The form has booked it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing below a movement."""

    def _page(self, request: HttpRequest, form: type[MovementForm]) -> HttpResponse:
        if form is CorrectionForm and not _chosen(request):
            sku_id = request.POST.get("sku", "")
            if sku_id.isdecimal() and self.has_add_permission(request):
                return redirect(f"{reverse('admin:goods_stockmovement_correct')}?sku={sku_id}")
            form = ChoiceForm
        request.movement_form = form  # type: ignore[attr-defined]
        context = {"title": form.title, "show_save_and_add_another": form is not ChoiceForm}
        try:
            return self.changeform_view(request, None, "", context)
        except DomainError as refusal:
            self.message_user(request, str(refusal.detail), messages.ERROR)
            request.method = "GET"
            # What was written, beside figures and a key as they are now.
            written = request.POST.copy()
            for name in ("seen", "last_movement", "once"):
                written.pop(name, None)
            request.GET = written  # type: ignore[assignment]
            return self.changeform_view(request, None, "", context)


def _form_of(request: HttpRequest) -> type[MovementForm]:
    form: type[MovementForm] = getattr(request, "movement_form", MovementForm)
    return form


def _chosen(request: HttpRequest) -> bool:
    """Whether the address says which SKU was counted."""
    sku_id = request.GET.get("sku", "")
    is_number = sku_id.isdecimal() and len(sku_id) < 19
    return is_number and SKU.objects.filter(pk=sku_id).exists()
