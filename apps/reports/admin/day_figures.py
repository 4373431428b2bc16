from typing import ClassVar

from django.contrib import admin

from apps.core.admin import LookedAtAdmin
from apps.reports.models import DayFigures


@admin.register(DayFigures)
class DayFiguresAdmin(LookedAtAdmin):
    """What the shop did, day by day."""

    list_display = [
        "day",
        "orders",
        "paid_orders",
        "payments",
        "paid_amount",
        "refunds",
        "refunded_amount",
        "new_users",
    ]
    export_columns: ClassVar = []
    date_hierarchy = "day"
