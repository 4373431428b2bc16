"""The page on which an operator gives back otherwise what a failed refund was about."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.payment import services
from apps.payment.admin.base import REFUSALS, may_refund, operator, provider_name, said_of, standing
from apps.payment.exceptions import NoteMissing, RefundedSince
from apps.payment.models import Refund
from apps.payment.services.refund_replacements import LONGEST_NOTE


class ReplacementForm(forms.Form):
    """``seen`` is what had been refunded of the payment when the page was drawn."""

    despite = forms.MultipleChoiceField(
        label=_("These later refunds were for something else"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(
        label=_("how it was given back by hand"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.TextInput(attrs={"size": 50}),
    )
    seen = forms.DecimalField(max_digits=10, decimal_places=2, widget=forms.HiddenInput)

    def __init__(self, refund: Refund, written: QueryDict | None) -> None:
        super().__init__(written, initial={"seen": refund.payment.refunded_amount})
        later = services.later_refunds(refund)
        if later:
            despite: Any = self.fields["despite"]
            despite.choices = [(each.out_request_no, _described(each)) for each in later]
        else:
            del self.fields["despite"]


def replacement_page(admin: ModelAdmin, request: HttpRequest, refund_id: int) -> HttpResponse:
    if not may_refund(request):
        raise PermissionDenied
    refund = get_object_or_404(Refund.objects.select_related("payment"), pk=refund_id)
    form = ReplacementForm(refund, request.POST or None)
    if form.is_valid():
        try:
            replacement = _replace(request, refund, form.cleaned_data)
        except REFUSALS as refusal:
            refund.refresh_from_db()
            form = _again(refund, request, refusal)
        else:
            outcome = f"{replacement} {standing(replacement)}"
            has_arrived = replacement.state == Refund.State.SUCCEEDED
            level = messages.SUCCESS if has_arrived else messages.WARNING
            messages.add_message(request, level, f"{refund}: {outcome}")
            admin.log_change(request, refund, f"{_way(request)}: {outcome}")
            return redirect("admin:payment_refund_change", refund.pk)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": _("Give back otherwise"),
        "refund": refund,
        "provider": provider_name(refund.payment.provider),
        "is_payable_out": services.is_payable_out(refund.payment),
        "form": form,
    }
    return TemplateResponse(request, "admin/payment/refund/replace.html", context)


def _replace(request: HttpRequest, refund: Refund, said: dict[str, Any]) -> Refund:
    agreed = {
        "by": operator(request),
        "seen_refunded": said["seen"],
        "despite": said.get("despite", []),
    }
    if "by_hand" in request.POST:
        return services.give_back_by_hand(refund, note=said["note"], **agreed)
    return services.try_refund(services.pay_out(refund, **agreed))


def _again(refund: Refund, request: HttpRequest, refusal: Any) -> ReplacementForm:
    """What was written, beside the figures as they are now, with the refusal where it belongs."""
    written = request.POST.copy()
    written["seen"] = str(refund.payment.refunded_amount)
    form = ReplacementForm(refund, written)
    field = {NoteMissing: "note", RefundedSince: "despite"}.get(type(refusal))
    form.add_error(field if field in form.fields else None, said_of(refusal))
    return form


def _way(request: HttpRequest) -> str:
    if "by_hand" not in request.POST:
        return gettext("Paid out")
    note = request.POST.get("note", "").strip()
    return gettext("Given back by hand (%(note)s)") % {"note": note}


def _described(refund: Refund) -> str:
    return f"{refund}: {refund.amount} {refund.get_state_display()} {refund.reason}"
