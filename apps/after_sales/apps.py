from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AfterSalesConfig(AppConfig):
    name = "apps.after_sales"
    verbose_name = _("after-sales")
