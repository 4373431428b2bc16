import json
from typing import ClassVar

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.admin import AMOUNTS, DayRangeFilter
from apps.payment.admin.base import ProviderFilter, ReadOnlyAdmin, ReadOnlyInline, with_seconds
from apps.payment.admin.masking import masked
from apps.payment.models import PaymentEvent


class EventInline(ReadOnlyInline):
    """What was said of a payment or a refund."""

    model = PaymentEvent
    fields = ["received_at", "kind", "status", "amount", "verdict", "event_id"]
    readonly_fields = ["received_at"]

    @admin.display(description=_("received"))
    def received_at(self, event: PaymentEvent) -> str:
        return with_seconds(event.create_time)


@admin.register(PaymentEvent)
class PaymentEventAdmin(ReadOnlyAdmin):
    guarded: ClassVar = {"received": AMOUNTS}
    list_display = [
        "received_at",
        "named_provider",
        "kind",
        "status",
        "amount",
        "verdict",
        "payment",
    ]
    export_columns: ClassVar = ["event_id", "create_time"]
    export_without: ClassVar = ["received_at"]
    list_keyset = True
    list_filter = [
        ("provider", ProviderFilter),
        "kind",
        "verdict",
        ("create_time", DayRangeFilter),
    ]
    list_select_related = ["payment"]
    search_fields = ["=event_id", "=payment__out_trade_no"]
    fields = [
        "received_at",
        "named_provider",
        "kind",
        "event_id",
        "payment",
        "refund",
        "status",
        "amount",
        "verdict",
        "received",
    ]
    readonly_fields = ["named_provider", "received_at", "received"]

    @admin.display(description=_("received"), ordering="create_time")
    def received_at(self, event: PaymentEvent) -> str:
        return with_seconds(event.create_time)

    @admin.display(description=_("what was received"))
    def received(self, event: PaymentEvent) -> SafeString:
        text = json.dumps(masked(event.payload), ensure_ascii=False, indent=2, sort_keys=True)
        return format_html('<pre style="white-space:pre-wrap;margin:0">{}</pre>', text)
