"""The page on which an operator refunds a payment, in part or whole."""

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from apps.core.idempotency import digest
from apps.orders.exceptions import KeyReused
from apps.payment import services
from apps.payment.admin.base import REFUSALS, operator, said_of
from apps.payment.exceptions import RefundsChanged
from apps.payment.models import Payment, Refund


class RefundForm(forms.Form):
    """``seen`` is what had been refunded when the page was drawn; ``key`` belongs to this page, however often sent."""

    amount = forms.DecimalField(
        label=_("amount"), min_value=0, max_digits=10, decimal_places=2, localize=False
    )
    reason = forms.CharField(
        label=_("reason"),
        help_text=_("The buyer reads it, too."),
        max_length=Refund._meta.get_field("reason").max_length,
        widget=forms.TextInput(attrs={"size": 50}),
    )
    seen = forms.DecimalField(max_digits=10, decimal_places=2, widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)


def refund_page(admin: ModelAdmin, request: HttpRequest, payment_id: int) -> HttpResponse:
    if not request.user.has_perm("payment.add_refund"):
        raise PermissionDenied
    payment = get_object_or_404(Payment, pk=payment_id)
    form = RefundForm(request.POST) if request.method == "POST" else _fresh(payment)
    if form.is_valid():
        try:
            refund = _refund(request, payment, form.cleaned_data)
        except REFUSALS as refusal:
            messages.error(request, said_of(refusal))
            # What was written in the form was meant for figures that are no longer right.
            payment.refresh_from_db()
            form = _fresh(payment)
        else:
            said = f"{refund}: {refund.amount} {refund.get_state_display()}"
            admin.log_change(request, payment, f"Refund {said} ({refund.reason})")
            if refund.state == Refund.State.SUCCEEDED:
                messages.success(request, said)
            else:
                messages.warning(request, f"{said} {refund.answer}")
            return redirect("admin:payment_payment_change", payment.pk)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": _("Refund"),
        "payment": payment,
        "refunds": payment.refunds.all(),
        "form": form,
    }
    return TemplateResponse(request, "admin/payment/payment/refund.html", context)


def _refund(request: HttpRequest, payment: Payment, asked: dict[str, Any]) -> Refund:
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
    return services.try_refund(refund)


def _fresh(payment: Payment) -> RefundForm:
    return RefundForm(
        initial={
            "amount": payment.refundable_amount,
            "seen": payment.refunded_amount,
            "key": secrets.token_hex(16),
        }
    )
