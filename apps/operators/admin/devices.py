from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.core.admin import ShopAdmin

# Its own page shows the key, with which everybody can make the codes.
admin.site.unregister(TOTPDevice)


@admin.register(TOTPDevice)
class DeviceAdmin(ShopAdmin):
    """Who has a second factor. To a superuser: delete it, and its owner gets in by his password and enrols anew."""

    list_display = ["user", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["=user__username"]
    fields = ["user", "created_at", "last_used_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TOTPDevice]:
        return super().get_queryset(request).defer("key")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: TOTPDevice | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: TOTPDevice | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: TOTPDevice | None = None) -> bool:
        return request.user.is_superuser
