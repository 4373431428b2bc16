"""The pages on which an operator decides about a request; whoever comes second is told what the first one did."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.after_sales import services
from apps.after_sales.models import AfterSale, AfterSaleEvent
from apps.payment.admin.base import REFUSALS, operator, said_of

FEN = Decimal("0.01")


class ApproveForm(forms.Form):
    words = forms.CharField(
        label=_("answer"),
        help_text=_("The buyer reads it, too."),
        max_length=AfterSaleEvent.LONGEST_NOTE,
        required=False,
    )

    def __init__(self, after_sale: AfterSale, *args: Any) -> None:
        super().__init__(*args)
        if after_sale.kind != AfterSale.Kind.CANCEL:
            self.fields["amount"] = forms.DecimalField(
                label=_("amount approved"),
                min_value=FEN,
                max_value=after_sale.amount_asked,
                max_digits=10,
                decimal_places=2,
                initial=after_sale.amount_asked,
                localize=False,
            )


class RejectForm(forms.Form):
    words = forms.CharField(
        label=_("reason"),
        help_text=_("The buyer reads it, too."),
        max_length=AfterSaleEvent.LONGEST_NOTE,
    )


class ReceiveForm(forms.Form):
    """A number for each line; nothing is sellable unless somebody says so."""

    def __init__(self, after_sale: AfterSale, *args: Any) -> None:
        super().__init__(*args)
        for line in after_sale.lines.select_related("line"):
            self.fields[f"sellable_{line.pk}"] = forms.IntegerField(
                label=_("%(line)s: of them sellable") % {"line": line},
                min_value=0,
                max_value=line.count,
                localize=False,
            )

    @property
    def sellable(self) -> dict[int, int]:
        given = self.cleaned_data.items()
        return {int(name.removeprefix("sellable_")): count for name, count in given}


def approve_page(admin: ModelAdmin, request: HttpRequest, after_sale: AfterSale) -> HttpResponse:
    form = ApproveForm(after_sale, _sent(request))

    def act() -> AfterSale:
        return services.approve(after_sale.pk, by=operator(request), **form.cleaned_data)

    return _page(admin, request, after_sale, form, act, title=gettext("Approve"))


def reject_page(admin: ModelAdmin, request: HttpRequest, after_sale: AfterSale) -> HttpResponse:
    form = RejectForm(_sent(request))

    def act() -> AfterSale:
        return services.reject(after_sale.pk, by=operator(request), **form.cleaned_data)

    return _page(admin, request, after_sale, form, act, title=gettext("Reject"))


def receive_page(admin: ModelAdmin, request: HttpRequest, after_sale: AfterSale) -> HttpResponse:
    """The goods are here; the refund that was approved is written down with that, or stays to be made."""
    form = ReceiveForm(after_sale, _sent(request))

    def act() -> AfterSale:
        by = operator(request)
        received = services.receive_goods(after_sale.pk, sellable=form.sellable, by=by)
        admin.log_change(request, received, received.get_state_display())
        return services.refund_received(after_sale.pk, by=by)

    return _page(admin, request, after_sale, form, act, title=gettext("Goods received"))


def refund_page(admin: ModelAdmin, request: HttpRequest, after_sale: AfterSale) -> HttpResponse:
    """For a return whose goods are here and whose refund was refused then."""

    def act() -> AfterSale:
        return services.refund_received(after_sale.pk, by=operator(request))

    form = forms.Form(_sent(request))
    return _page(admin, request, after_sale, form, act, title=gettext("Refund"))


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _page(
    admin: ModelAdmin,
    request: HttpRequest,
    after_sale: AfterSale,
    form: forms.Form,
    act: Callable[[], AfterSale],
    *,
    title: str,
) -> HttpResponse:
    if form.is_valid():
        try:
            done = act()
        except REFUSALS as refusal:
            messages.error(request, said_of(refusal))
        else:
            admin.log_change(request, done, done.get_state_display())
            messages.success(request, f"{done}: {done.get_state_display()}")
        return redirect("admin:after_sales_aftersale_change", after_sale.pk)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "after_sale": after_sale,
        "form": form,
        "title": title,
    }
    return TemplateResponse(request, "admin/after_sales/aftersale/decide.html", context)
