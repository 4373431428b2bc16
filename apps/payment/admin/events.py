import json
import re
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.payment.admin.base import ProviderFilter, ReadOnlyAdmin
from apps.payment.models import PaymentEvent

# Signatures and ciphertexts are of no use to a reader, and who paid is nobody's business but the provider's.
SECRET = re.compile(
    r"sign|cipher|nonce|associated_data|open_?id|union_?id|(buyer|payer|payee|user)_\w*id"
    r"|logon|identity|email|mobile|phone|received_account|real_?name",
    re.IGNORECASE,
)
MASK = "***"


@admin.register(PaymentEvent)
class PaymentEventAdmin(ReadOnlyAdmin):
    list_display = [
        "create_time",
        "named_provider",
        "kind",
        "status",
        "amount",
        "verdict",
        "payment",
    ]
    list_filter = [("provider", ProviderFilter), "kind", "verdict", "create_time"]
    list_select_related = ["payment"]
    search_fields = ["=event_id", "=payment__out_trade_no"]
    fields = [
        "create_time",
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
    readonly_fields = ["named_provider", "create_time", "received"]

    @admin.display(description=_("what was received"))
    def received(self, event: PaymentEvent) -> SafeString:
        text = json.dumps(masked(event.payload), ensure_ascii=False, indent=2, sort_keys=True)
        return format_html('<pre style="white-space:pre-wrap;margin:0">{}</pre>', text)


def masked(said: Any) -> Any:
    """What a provider said, without signatures, ciphertexts and who the payer is."""
    if isinstance(said, dict):
        return {
            name: MASK if value and SECRET.search(str(name)) else masked(value)
            for name, value in said.items()
        }
    return [masked(each) for each in said] if isinstance(said, list) else said
