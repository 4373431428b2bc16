from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import DayRangeFilter
from apps.payment import services
from apps.payment.admin.base import ReadOnlyAdmin, operator
from apps.payment.models import CashOrder


@admin.register(CashOrder)
class CashOrderAdmin(ReadOnlyAdmin):
    """Who may change orders awaiting cash records that it came in; then the order is in this list no more."""

    list_display = ["order_id", "status", "total_amount", "create_time", "receiver", "mobile"]
    export_columns: ClassVar = []
    list_keyset = True
    list_filter = ["status", ("create_time", DayRangeFilter)]
    search_fields = ["=order_id", "=mobile"]
    fields = ["order_id", "status", "total_amount", "create_time", "receiver", "mobile", "address"]
    readonly_fields = ["create_time", "address"]
    actions = ["settle"]

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payment.change_cashorder")

    @admin.display(description=_("address"))
    def address(self, order: CashOrder) -> str:
        return " ".join([order.province, order.city, order.district, order.place])

    @admin.action(description=_("The cash has come in"), permissions=["settle"])
    def settle(self, request: HttpRequest, queryset: QuerySet[CashOrder]) -> None:
        def take_in(order: CashOrder) -> str:
            payment = services.settle_cash(order.pk, by=operator(request))
            self.log_addition(request, payment, gettext("The cash has come in"))
            return payment.get_state_display()

        self.each(request, queryset, take_in, verb=gettext("The cash has come in"))
