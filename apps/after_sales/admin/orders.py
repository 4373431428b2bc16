"""An order in the back office shows what its buyer asked after the sale."""

from typing import ClassVar

from apps.after_sales.models import AfterSale
from apps.core.admin import AMOUNTS
from apps.payment.admin.base import ReadOnlyInline
from apps.payment.admin.orders import OrderWithMoneyAdmin


class AfterSaleInline(ReadOnlyInline):
    model = AfterSale
    fk_name = "order"
    guarded: ClassVar = {"amount_asked": AMOUNTS, "amount_approved": AMOUNTS}
    fields = ["number", "kind", "state", "reason", "amount_asked", "amount_approved"]


OrderWithMoneyAdmin.inlines = [*OrderWithMoneyAdmin.inlines, AfterSaleInline]
