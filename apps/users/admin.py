from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.utils.translation import gettext_lazy as _

from apps.users.models import Address, User


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ["id", "username", "mobile", "email", "is_staff", "date_joined"]
    search_fields = ["username", "mobile", "email"]
    list_filter = ["is_staff", "is_active", "date_joined"]
    ordering = ["-id"]
    readonly_fields = ["default_address"]
    fieldsets = (
        *(DjangoUserAdmin.fieldsets or ()),
        (_("Shop"), {"fields": ("mobile", "email_active", "default_address")}),
    )


@admin.register(Address)
class AddressAdmin(admin.ModelAdmin):
    list_display = ["id", "user", "receiver", "mobile", "province", "city", "district", "place"]
    list_select_related = ["user", "province", "city", "district"]
    list_filter = ["is_deleted"]
    search_fields = ["user__username", "receiver", "mobile"]
    autocomplete_fields = ["user", "province", "city", "district"]
