from django.contrib import admin

from apps.areas.models import Area


@admin.register(Area)
class AreaAdmin(admin.ModelAdmin):
    list_display = ["id", "name", "parent"]
    list_select_related = ["parent"]
    search_fields = ["=id", "name"]
    autocomplete_fields = ["parent"]
