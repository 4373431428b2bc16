from django.contrib import admin

from apps.core.admin import DayRangeFilter, LookedAtAdmin
from apps.operators.models import LoginEvent


@admin.register(LoginEvent)
class LoginEventAdmin(LookedAtAdmin):
    """Who came to the door, and what became of it."""

    list_display = ["at", "username", "user", "address", "outcome"]
    list_select_related = ["user"]
    list_keyset = True
    list_filter = ["outcome", ("at", DayRangeFilter)]
    search_fields = ["=username", "=address", "=user__username"]
    fields = ["at", "username", "user", "address", "outcome"]
