from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentsConfig(AppConfig):
    name = "apps.contents"
    verbose_name = _("home-page layout")
