"""The pages on which an operator decides about a request; whoever comes second is told what the first one did."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

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
from apps.core.admin import AMOUNTS
from apps.payment.admin.base import REFUSALS, operator, said_of
from apps.payment.models import Payment

FEN = Decimal("0.01")


class ApproveForm(forms.Form):
    """Who sees no amounts grants as much as was asked for."""

    words = forms.CharField(
        label=_("answer"),
        help_text=_("The buyer reads it, too."),
        max_length=AfterSaleEvent.LONGEST_NOTE,
        required=False,
    )

    def __init__(self, after_sale: AfterSale, *args: Any, sees_amounts: bool) -> None:
        super().__init__(*args)
        if sees_amounts and after_sale.kind != AfterSale.Kind.CANCEL:
            self.fields["amount"] = forms.DecimalField(
                label=_("amount approved"),
                min_value=FEN,
                max_value=after_sale.amount_asked,
                max_digits=10,
                decimal_places=2,
                initial=after_sale.amount_asked,
                localize=False,
            )


class ReasonForm(forms.Form):
    """``seen`` is the state that the page showed: what was decided meanwhile is not overturned unseen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
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
    form = ApproveForm(after_sale, _sent(request), sees_amounts=request.user.has_perm(AMOUNTS))

    def act() -> AfterSale:
        return services.approve(
            after_sale.pk, by=operator(request), pays=may_pay(request), **form.cleaned_data
        )

    said = ""
    if not (may_pay(request) or after_sale.kind == AfterSale.Kind.RETURN):
        said = gettext("Whoever may refund gives the money back afterwards.")
    return _page(admin, request, after_sale, form, act, title=gettext("Approve"), note=said)


def reject_page(admin: ModelAdmin, request: HttpRequest, after_sale: AfterSale) -> HttpResponse:
    form = ReasonForm(_sent(request), initial={"seen": after_sale.state})

    def act() -> AfterSale:
        return services.reject(after_sale.pk, by=operator(request), **form.cleaned_data)

    return _page(admin, request, after_sale, form, act, title=gettext("Reject"))


def receive_page(admin: ModelAdmin, request: HttpRequest, after_sale: AfterSale) -> HttpResponse:
    """The goods are here; if who takes them in may refund as well, the refund is written down with that."""
    form = ReceiveForm(after_sale, _sent(request))

    def act() -> AfterSale:
        by = operator(request)
        received = services.receive_goods(after_sale.pk, sellable=form.sellable, by=by)
        if not may_pay(request):
            return received
        admin.log_change(request, received, received.get_state_display())
        return services.refund_approved(after_sale.pk, by=by)

    return _page(admin, request, after_sale, form, act, title=gettext("Goods received"))


def refund_page(admin: ModelAdmin, request: HttpRequest, after_sale: AfterSale) -> HttpResponse:
    """For what was granted by somebody who may not refund, or whose refund was refused then."""

    def act() -> AfterSale:
        return services.refund_approved(after_sale.pk, by=operator(request))

    form = forms.Form(_sent(request))
    return _page(admin, request, after_sale, form, act, title=gettext("Refund"))


def cash_page(admin: ModelAdmin, request: HttpRequest, after_sale: AfterSale) -> HttpResponse:
    """For cash that was granted, once the buyer has it in his hands."""

    def act() -> AfterSale:
        return services.confirm_cash(after_sale.pk, by=operator(request))

    form = forms.Form(_sent(request))
    said = gettext(
        "Only when the buyer has been given the money: he is told that it has gone back."
    )
    return _page(
        admin, request, after_sale, form, act, title=gettext("Cash handed over"), note=said
    )


def settle_page(admin: ModelAdmin, request: HttpRequest, after_sale: AfterSale) -> HttpResponse:
    """For a request whose money went back in another way, which is said."""
    form = ReasonForm(_sent(request), initial={"seen": after_sale.state})

    def act() -> AfterSale:
        return services.settle_otherwise(after_sale.pk, by=operator(request), **form.cleaned_data)

    title = gettext("Close as settled otherwise")
    said = gettext("No money moves with this: for what went back in another way. Say how.")
    return _page(admin, request, after_sale, form, act, title=title, note=said)


class Deed(NamedTuple):
    """What can be done about a request: its page, when there is something to do, and who may."""

    label: Any
    page: Callable[[ModelAdmin, HttpRequest, AfterSale], HttpResponse]
    is_possible: Callable[[AfterSale], bool]
    rights: tuple[str, ...]


LOOK, DECIDE = "after_sales.view_aftersale", "after_sales.change_aftersale"
PAY, BOOK_STOCK = "payment.add_refund", "goods.add_stockmovement"
# Customer service decides, the warehouse has the goods in its hands, finance gives money back.
DEEDS: dict[str, Deed] = {
    "approve": Deed(_("Approve"), approve_page, lambda each: each.may_be_approved, (DECIDE,)),
    "receive": Deed(
        _("Goods received"), receive_page, lambda each: each.may_be_received, (LOOK, BOOK_STOCK)
    ),
    "refund": Deed(_("Refund"), refund_page, lambda each: each.may_be_refunded, (LOOK, PAY)),
    "cash": Deed(
        _("Cash handed over"), cash_page, lambda each: each.may_be_handed_over, (LOOK, PAY)
    ),
    "settle": Deed(
        _("Close as settled otherwise"),
        settle_page,
        lambda each: each.may_be_settled,
        (LOOK, PAY),
    ),
    "reject": Deed(_("Reject"), reject_page, lambda each: each.may_be_withdrawn, (DECIDE,)),
}


def deeds(request: HttpRequest, after_sale: AfterSale) -> dict[str, Any]:
    """What this operator can do about a request now, with what it is called."""
    return {
        name: deed.label
        for name, deed in DEEDS.items()
        if deed.is_possible(after_sale) and request.user.has_perms(deed.rights)
    }


def may_pay(request: HttpRequest) -> bool:
    return request.user.has_perm(PAY)


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
    note: str = "",
) -> HttpResponse:
    if form.is_valid():
        try:
            done = act()
        except REFUSALS as refusal:
            messages.error(request, said_of(refusal))
        else:
            admin.log_change(request, done, str(done.standing.label))
            messages.success(request, f"{done}: {done.standing.label}")
        return redirect("admin:after_sales_aftersale_change", after_sale.pk)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "after_sale": after_sale,
        "form": form,
        "title": title,
        "note": note,
        "payment": Payment.objects.filter(settles=after_sale.order_id).first(),
    }
    return TemplateResponse(request, "admin/after_sales/aftersale/decide.html", context)
