"""The page on which an operator refunds a payment, in part or whole."""

import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.idempotency import digest
from apps.orders.exceptions import KeyReused
from apps.payment import services
from apps.payment.admin.base import REFUSALS, may_refund, operator, provider_name, said_of, standing
from apps.payment.exceptions import NothingToRefund, RefundsChanged
from apps.payment.models import Payment, Refund
from apps.payment.services.refund_requests import FEN


class RefundForm(forms.Form):
    """``seen`` is what had been refunded when the page was drawn; ``key`` belongs to this page, however often sent."""

    amount = forms.DecimalField(
        label=_("amount"), min_value=FEN, max_digits=10, decimal_places=2, localize=False
    )
    reason = forms.CharField(
        label=_("reason"),
        help_text=_("The buyer reads it, too."),
        max_length=Refund._meta.get_field("reason").max_length,
        widget=forms.TextInput(attrs={"size": 50}),
    )
    seen = forms.DecimalField(max_digits=10, decimal_places=2, widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, payment: Payment, written: Mapping[str, Any] | None = None) -> None:
        now = {"seen": payment.refunded_amount, "key": secrets.token_hex(16)}
        super().__init__(written, initial={"amount": payment.refundable_amount, **now})
        self.fields["amount"].widget.attrs["max"] = payment.refundable_amount


def refund_page(admin: ModelAdmin, request: HttpRequest, payment_id: int) -> HttpResponse:
    """Ask for amount and reason, show what is about to happen, and refund when that is confirmed."""
    if not may_refund(request):
        raise PermissionDenied
    payment = get_object_or_404(Payment, pk=payment_id)
    form = RefundForm(payment, request.POST or None)
    is_confirming = form.is_valid() and "again" not in request.POST
    if is_confirming:
        try:
            if "confirmed" in request.POST:
                return _refund(admin, request, payment, form.cleaned_data)
            _refuse_excess(payment, form.cleaned_data["amount"])
        except REFUSALS as refusal:
            is_confirming = False
            payment.refresh_from_db()
            form = _again(payment, request, refusal)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": _("Refund"),
        "payment": payment,
        "provider": provider_name(payment.provider),
        "refunds": payment.refunds.all(),
        "form": form,
        "is_confirming": is_confirming,
    }
    return TemplateResponse(request, "admin/payment/payment/refund.html", context)


def _refuse_excess(payment: Payment, amount: Decimal) -> None:
    if amount > payment.refundable_amount:
        raise NothingToRefund(refundable_amount=str(payment.refundable_amount))


def _refund(
    admin: ModelAdmin, request: HttpRequest, payment: Payment, asked: dict[str, Any]
) -> HttpResponse:
    try:
        refund = services.refund_payment(
            payment,
            amount=asked["amount"],
            reason=asked["reason"],
            by=operator(request),
            key=digest(asked["key"]),
            seen_refunded=asked["seen"],
        )
    except KeyReused as reused:
        # The back button, and something else written: the operator knows nothing of keys.
        raise RefundsChanged(refundable_amount=str(payment.refundable_amount)) from reused
    refund = services.try_refund(refund)
    # Without the amount: a row's history is read by who may not see it, too.
    admin.log_change(
        request,
        payment,
        gettext("Refund %(refund)s (%(reason)s)")
        % {"refund": f"{refund} {refund.get_state_display()}", "reason": refund.reason},
    )
    has_arrived = refund.state == Refund.State.SUCCEEDED
    level = messages.SUCCESS if has_arrived else messages.WARNING
    stands = refund.get_state_display() if has_arrived else standing(refund)
    messages.add_message(request, level, f"{refund}: {refund.amount} {stands}")
    return redirect("admin:payment_payment_change", payment.pk)


def _again(payment: Payment, request: HttpRequest, refusal: Any) -> RefundForm:
    """What was written, beside the figures as they are now, with the refusal where it belongs."""
    fresh = RefundForm(payment)
    now = {"seen": str(fresh["seen"].value()), "key": fresh["key"].value()}
    form = RefundForm(payment, request.POST.dict() | now)
    form.add_error("amount", said_of(refusal))
    return form
