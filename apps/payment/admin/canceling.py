"""The page on which an operator cancels an order that has not left the house; what was paid goes back."""

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import AMOUNTS
from apps.core.exceptions import DomainError
from apps.orders.models import OrderEvent, OrderInfo, Status
from apps.orders.services import cancel_unpaid_order, refusal
from apps.payment import services
from apps.payment.admin.base import operator, said_of
from apps.payment.models import Payment

CANCELABLE = (Status.UNPAID, Status.UNSEND)


class CancelForm(forms.Form):
    """``seen`` is the state the order was in when the page was drawn: an order paid meanwhile is another matter."""

    reason = forms.CharField(
        label=_("reason"),
        help_text=_("The buyer reads it, too."),
        max_length=OrderEvent.LONGEST_REASON,
        widget=forms.TextInput(attrs={"size": 50}),
    )
    seen = forms.TypedChoiceField(
        coerce=int, choices=[(each, each) for each in CANCELABLE], widget=forms.HiddenInput
    )


def cancel_page(admin: ModelAdmin, request: HttpRequest, order_id: str) -> HttpResponse:
    """Ask for the reason, show what is about to happen, and cancel when that is confirmed."""
    order = get_object_or_404(OrderInfo, pk=order_id)
    if not may_cancel(request, order):
        raise PermissionDenied
    if order.status not in CANCELABLE:
        messages.error(request, said_of(refusal(order.pk)))
        return _back(order)
    form = CancelForm(request.POST or None, initial={"seen": order.status})
    is_confirming = form.is_valid() and "again" not in request.POST
    if is_confirming and "confirmed" in request.POST:
        return _cancel(admin, request, order, **form.cleaned_data)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": gettext("Cancel this order"),
        "order": order,
        "form": form,
        "is_confirming": is_confirming,
        "is_paid": order.status == Status.UNSEND,
        "amount": _left(order) if request.user.has_perm(AMOUNTS) else None,
    }
    return TemplateResponse(request, "admin/payment/order/cancel.html", context)


def may_cancel(request: HttpRequest, order: OrderInfo) -> bool:
    """What was paid goes back: whoever cancels such an order has to be one who refunds."""
    needed = ["orders.change_orderinfo"]
    if order.status == Status.UNSEND:
        needed.append("payment.add_refund")
    return request.user.has_perms(needed)


def _cancel(
    admin: ModelAdmin, request: HttpRequest, order: OrderInfo, *, reason: str, seen: int
) -> HttpResponse:
    try:
        said = _cancel_as_seen(request, order, reason, seen)
    except DomainError as refused:
        messages.error(request, said_of(refused))
    else:
        if said:
            admin.log_change(request, order, f"{said} {reason}")
            messages.success(request, said)
    return _back(order)


def _cancel_as_seen(request: HttpRequest, order: OrderInfo, reason: str, seen: int) -> str:
    """What has been done; "" if an attempt at paying is in the way, which is said."""
    if seen != order.status:
        raise refusal(order.pk)
    if seen == Status.UNSEND:
        refund = services.cancel_paid_order(order.pk, by=operator(request), reason=reason)
        if refund is None:
            return gettext("Canceled; nobody had paid.")
        return gettext("Canceled; %(refund)s takes the money back.") % {"refund": refund}
    if Payment.objects.filter(order=order, state=Payment.State.PENDING).exists():
        said = gettext(
            "The buyer may be paying at this moment: close the attempts at paying first."
        )
        messages.error(request, said)
        return ""
    if not cancel_unpaid_order(order.pk, by=operator(request), reason=reason):
        raise refusal(order.pk)
    return gettext("Canceled; nobody had paid.")


def _left(order: OrderInfo) -> Decimal:
    payment = Payment.objects.filter(settles=order).first()
    return payment.refundable_amount if payment else Decimal("0.00")


def _back(order: OrderInfo) -> HttpResponse:
    return redirect("admin:orders_orderinfo_change", order.pk)
