"""An order in the back office shows what its buyer asked after the sale."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.after_sales.models import AfterSale
from apps.after_sales.models.after_sales import MONEY
from apps.core.admin import AMOUNTS
from apps.payment.admin.base import ReadOnlyInline
from apps.payment.admin.orders import OrderWithMoneyAdmin


class AfterSaleInline(ReadOnlyInline):
    model = AfterSale
    fk_name = "order"
    guarded: ClassVar = {"amount_asked": AMOUNTS, "amount_approved": AMOUNTS}
    fields = ["number", "kind", "standing", "reason", "amount_asked", "amount_approved"]
    readonly_fields = ["standing"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AfterSale]:
        return super().get_queryset(request).prefetch_related(MONEY)

    @admin.display(description=_("state"))
    def standing(self, after_sale: AfterSale) -> str:
        return str(after_sale.standing.label)


OrderWithMoneyAdmin.inlines = [*OrderWithMoneyAdmin.inlines, AfterSaleInline]
