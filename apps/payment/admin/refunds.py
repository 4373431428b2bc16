from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.payment import services
from apps.payment.admin.base import ReadOnlyAdmin, ReadOnlyInline, operator
from apps.payment.models import PaymentEvent, Refund
from apps.payment.services.refund_requests import LONGEST_NOTE


class RefundEventInline(ReadOnlyInline):
    model = PaymentEvent
    fields = ["create_time", "kind", "status", "amount", "verdict", "event_id"]
    readonly_fields = ["create_time"]


class HowByHand(ActionForm):
    note = forms.CharField(
        label=_("how it was given back by hand"), max_length=LONGEST_NOTE, required=False
    )


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    """Who may add refunds may hurry them, pay failed ones out, and record that they were given back by hand.

    A refund begins on the page of its payment.
    """

    action_form = HowByHand

    list_display = [
        "out_request_no",
        "state",
        "amount",
        "answer",
        "create_time",
        "succeeded_at",
        "requested_by",
        "cause",
        "channel",
        "payment",
    ]
    list_select_related = ["payment", "requested_by"]
    list_filter = ["state", "channel", "cause", "create_time"]
    search_fields = [
        "=out_request_no",
        "=refund_no",
        "=payment__out_trade_no",
        "=payment__order__order_id",
    ]
    fieldsets = [
        (None, {"fields": ["out_request_no", "payment", "state", "amount", "reason"]}),
        (_("Why and how"), {"fields": ["cause", "requested_by", "channel", "refund_no"]}),
        (_("Times"), {"fields": ["create_time", "succeeded_at"]}),
        (_("Tries"), {"fields": ["tries", "tried_at", "next_try_at", "answer"]}),
    ]
    readonly_fields = ["create_time"]
    inlines = [RefundEventInline]
    actions = ["retry", "pay_out", "give_back_by_hand"]

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payment.add_refund")

    @admin.action(
        description=_("Ask the provider now, or send again what it does not know"),
        permissions=["refund"],
    )
    def retry(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        self.each(request, queryset, _retry, verb="Retry")

    @admin.action(
        description=_("Pay what failed out to the payer's account"), permissions=["refund"]
    )
    def pay_out(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        def transfer(refund: Refund) -> str:
            transfer = services.pay_out(refund, by=operator(request))
            return f"{transfer} {_stands(services.try_refund(transfer))}"

        self.each(request, queryset, transfer, verb="Pay out")

    @admin.action(
        description=_("What failed was given back by hand, as noted"), permissions=["refund"]
    )
    def give_back_by_hand(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        note = request.POST.get("note", "").strip()

        def record(refund: Refund) -> str:
            by_hand = services.give_back_by_hand(refund, by=operator(request), note=note)
            return f"{by_hand} {by_hand.get_state_display()}"

        self.each(request, queryset, record, verb=f"Give back by hand ({note})")


def _retry(refund: Refund) -> str:
    return _stands(services.retry_refund(refund))


def _stands(refund: Refund) -> str:
    """How a refund stands, and what the provider last said of it."""
    return " ".join(filter(None, [refund.get_state_display(), refund.answer]))
