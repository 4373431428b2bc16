from django.contrib import admin

from apps.core.admin import ShopAdmin
from apps.notifications.models import Template


@admin.register(Template)
class TemplateAdmin(ShopAdmin):
    list_display = ["event", "channel", "language", "is_active", "title", "sms_template"]
    list_filter = ["event", "channel", "language", "is_active"]
    search_fields = ["title", "text", "=sms_template"]
    fields = ["event", "channel", "language", "is_active", "title", "text", "sms_template"]
