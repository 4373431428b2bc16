from django.contrib import admin

from apps.areas import services
from apps.areas.models import Area
from apps.core.admin import AnnouncingAdmin


@admin.register(Area)
class AreaAdmin(AnnouncingAdmin):
    announce = staticmethod(services.announce)
    list_display = ["id", "name", "parent"]
    list_select_related = ["parent"]
    search_fields = ["=id", "name"]
    autocomplete_fields = ["parent"]
