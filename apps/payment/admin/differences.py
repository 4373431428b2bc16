from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.core.admin import AMOUNTS, ShopAdmin
from apps.core.admin.history import recorded
from apps.payment.admin.base import REFUSALS, ProviderFilter, operator, provider_name, said_of
from apps.payment.models import Difference
from apps.payment.services import reconciliation


class NoteForm(forms.ModelForm):
    """How one difference was dealt with; saving it works it off."""

    note = forms.CharField(
        label=_("note"),
        max_length=Difference.LONGEST_NOTE,
        help_text=_("Saving it settles the difference, which cannot be changed afterwards."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Difference
        fields = ["note"]

    def clean(self) -> None:
        super().clean()
        # Another operator, or another bill, may have been faster.
        if not Difference.objects.unsettled().filter(pk=self.instance.pk).exists():
            raise ValidationError(_("This difference was settled meanwhile."))


class NoteForAll(ActionForm):
    note = forms.CharField(label=_("note"), max_length=Difference.LONGEST_NOTE, required=False)


@admin.register(Difference)
class DifferenceAdmin(ShopAdmin):
    """What operators work off, one by one or many with one note."""

    guarded: ClassVar = {"ours": AMOUNTS, "theirs": AMOUNTS}
    form = NoteForm
    action_form = NoteForAll
    list_display = [
        "day",
        "named_provider",
        "type",
        "state",
        "kind",
        "ours",
        "theirs",
        "out_trade_no",
        "out_request_no",
        "worked_off_by",
    ]
    list_select_related = ["statement", "worked_off_by"]
    export_columns: ClassVar = ["trade_no", "create_time", "note", "worked_off_at"]
    list_keyset = True
    list_filter = [
        "state",
        "type",
        "kind",
        ("statement__provider", ProviderFilter),
        "statement__day",
    ]
    linked = ("statement",)
    search_fields = ["=out_trade_no", "=out_request_no", "=trade_no"]
    fields = [
        "type",
        "state",
        "kind",
        "statement",
        "out_trade_no",
        "out_request_no",
        "trade_no",
        "ours",
        "theirs",
        "payment",
        "refund",
        "create_time",
        "note",
        "worked_off_by",
        "worked_off_at",
    ]
    actions = ["work_off"]

    @admin.display(description=_("day"), ordering="statement__day")
    def day(self, difference: Difference) -> date:
        return difference.statement.day

    @admin.display(description=_("provider"), ordering="statement__provider")
    def named_provider(self, difference: Difference) -> str:
        return provider_name(difference.statement.provider)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        is_settled = isinstance(obj, Difference) and obj.is_settled
        return [name for name in map(str, self.fields or []) if is_settled or name != "note"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Difference | None = None,
    ) -> HttpResponse:
        """What is settled has nothing to save."""
        if obj and obj.is_settled:
            context |= {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(
        self, request: HttpRequest, obj: Difference, form: forms.ModelForm, change: bool
    ) -> None:
        if "note" in form.cleaned_data:
            _work_off(obj, request, form.cleaned_data["note"])

    @admin.action(description=_("Work off with this note"), permissions=["change"])
    def work_off(self, request: HttpRequest, queryset: QuerySet[Difference]) -> None:
        note = request.POST.get("note", "")
        done = 0
        for difference in queryset.order_by("pk"):
            try:
                _work_off(difference, request, note)
            except REFUSALS as refusal:
                self.message_user(request, f"{difference}: {said_of(refusal)}", messages.ERROR)
            else:
                done += 1
                self.log_change(request, difference, note)
        if done:
            said = _("%(count)d differences are worked off.") % {"count": done}
            self.message_user(request, said, messages.SUCCESS)


def _work_off(difference: Difference, request: HttpRequest, note: str) -> None:
    with recorded(Difference.objects.filter(pk=difference.pk), "state", "note", "worked_off_by"):
        reconciliation.work_off(difference, by=operator(request), note=note)
