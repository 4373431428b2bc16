"""The page on which an operator cancels an order that has not left the house; what was paid goes back.

Where no money moves, whoever may change orders may cancel them; where it does, it takes one who refunds.
"""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import AMOUNTS
from apps.core.exceptions import DomainError, GatewayError, Unavailable
from apps.orders.models import OrderEvent, OrderInfo, Status
from apps.orders.services import refusal
from apps.payment import services
from apps.payment.admin.base import REFUSALS, operator, said_of
from apps.payment.exceptions import EventMismatch, Unknown
from apps.payment.models import Payment
from apps.users.models import User

CANCELABLE = (Status.UNPAID, Status.UNSEND)
Refused = DomainError | GatewayError | Unavailable
MAY_CANCEL, MAY_REFUND = "orders.change_orderinfo", "payment.add_refund"


class CancelForm(forms.Form):
    """``seen`` is the state the order was in when the page was drawn: an order paid meanwhile is another matter."""

    reason = forms.CharField(
        label=_("reason"),
        help_text=_("The buyer reads this, in the order and wherever the shop tells of it."),
        max_length=OrderEvent.LONGEST_REASON,
        widget=forms.TextInput(attrs={"size": 50}),
    )
    seen = forms.TypedChoiceField(
        coerce=int, choices=[(each, each) for each in CANCELABLE], widget=forms.HiddenInput
    )


def cancel_page(admin: ModelAdmin, request: HttpRequest, order_id: str) -> HttpResponse:
    """Ask for the reason, show what is about to happen, and cancel when that is confirmed."""
    order = get_object_or_404(OrderInfo, pk=order_id)
    if not may_cancel(request):
        raise PermissionDenied
    if order.status not in CANCELABLE:
        messages.error(request, said_of(refusal(order.pk)))
        return _back(order)
    left = _left(order)
    if left and not request.user.has_perm(MAY_REFUND):
        messages.error(request, _who_may_refund())
        return _back(order)
    form = CancelForm(request.POST or None, initial={"seen": order.status})
    is_confirming = form.is_valid() and "again" not in request.POST
    if is_confirming and "confirmed" in request.POST:
        return _cancel(admin, request, order, **form.cleaned_data, goes_back=bool(left))
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": gettext("Cancel this order"),
        "order": order,
        "form": form,
        "is_confirming": is_confirming,
        "goes_back": bool(left),
        "amount": left if left and request.user.has_perm(AMOUNTS) else None,
    }
    return TemplateResponse(request, "admin/payment/order/cancel.html", context)


def may_cancel(request: HttpRequest) -> bool:
    """Some order; one that was paid takes a permission more, and whoever lacks it is told who has it."""
    return request.user.has_perm(MAY_CANCEL)


def _who_may_refund() -> str:
    groups = Group.objects.all()
    for permission in (MAY_CANCEL, MAY_REFUND):
        app, codename = permission.split(".")
        of_this = {"permissions__content_type__app_label": app, "permissions__codename": codename}
        groups = groups.filter(**of_this)
    names = groups.order_by("name").values_list("name", flat=True)
    said = gettext(
        "This order is paid: whoever cancels it gives its money back, and you may not. Please ask: %(who)s."
    )
    return said % {"who": gettext(", ").join(names) or gettext("a superuser")}


def _cancel(
    admin: ModelAdmin,
    request: HttpRequest,
    order: OrderInfo,
    *,
    reason: str,
    seen: int,
    goes_back: bool,
) -> HttpResponse:
    try:
        if seen != order.status:
            raise refusal(order.pk)
        about: Any = {"by": operator(request), "reason": reason}
        if seen == Status.UNPAID:
            said = _cancel_unpaid(order, **about)
        else:
            said = _cancel_unshipped(order, **about, goes_back=goes_back)
    except REFUSALS as refused:
        messages.error(request, _why_not(order, seen, refused))
    else:
        admin.log_change(request, order, f"{said} {reason}")
        messages.success(request, said)
    return _back(order)


def _cancel_unpaid(order: OrderInfo, *, by: User, reason: str) -> str:
    services.close_and_cancel_order(order, by=by, reason=reason)
    if not Payment.objects.filter(order=order, state=Payment.State.PENDING).exists():
        return gettext("Canceled; nobody had paid.")
    return gettext(
        "Canceled; nobody had paid. An attempt to pay is not closed at the provider yet: it is asked after until it "
        "is, and money that comes all the same is surplus."
    )


def _cancel_unshipped(order: OrderInfo, *, by: User, reason: str, goes_back: bool) -> str:
    refund = None
    if goes_back:
        refund = services.cancel_paid_order(order.pk, by=by, reason=reason)
    else:
        services.cancel_unsettled_order(order.pk, by=by, reason=reason)
    if refund is None:
        return gettext("Canceled; no money had to go back.")
    return gettext("Canceled; %(refund)s takes the money back.") % {"refund": refund}


def _why_not(order: OrderInfo, seen: int, refused: Refused) -> str:
    """What keeps the order from being canceled, and what is to be done about it."""
    if isinstance(refused, Unknown):
        said = gettext("Not canceled, for the buyer may be paying. %(why)s Please try again.")
        return said % {"why": said_of(refused)}
    if isinstance(refused, GatewayError):
        said = gettext("Not canceled, for the buyer may be paying. %(why)s")
        return said % {"why": said_of(refused)}
    if isinstance(refused, EventMismatch):
        return gettext(
            "Not canceled: what the provider says of an attempt to pay does not fit it. Please look at its events."
        )
    order.refresh_from_db(fields=["status"])
    if (seen, order.status) == (Status.UNPAID, Status.UNSEND):
        return gettext(
            "Not canceled: the buyer has paid in the meantime. If it is canceled now, the money goes back."
        )
    return said_of(refused)


def _left(order: OrderInfo) -> Decimal:
    """What can still go back of what settled the order, CNY yuan."""
    payment = Payment.objects.filter(settles=order).first()
    return payment.refundable_amount if payment else Decimal("0.00")


def _back(order: OrderInfo) -> HttpResponse:
    return redirect("admin:orders_orderinfo_change", order.pk)
