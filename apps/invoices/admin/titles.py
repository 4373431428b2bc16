from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.invoices.models import InvoiceTitle
from apps.payment.admin.base import ReadOnlyAdmin


@admin.register(InvoiceTitle)
class InvoiceTitleAdmin(ReadOnlyAdmin):
    """To look at, when a buyer calls: titles are the buyers' own."""

    list_display = ["name", "kind", "tax_number", "user", "is_default", "is_deleted"]
    list_keyset = True
    list_filter = ["kind", "is_deleted"]
    list_select_related = ["user"]
    search_fields = ["name", "=tax_number", "=user__username", "=user__mobile"]
    ordering = ["-id"]
    fields = [
        "user",
        "kind",
        "name",
        "tax_number",
        "bank",
        "account",
        "address",
        "phone",
        "is_default",
        "is_deleted",
        "create_time",
    ]
    readonly_fields = ["is_default", "create_time"]

    @admin.display(description=_("default"), boolean=True)
    def is_default(self, title: InvoiceTitle) -> bool:
        return title.is_default
