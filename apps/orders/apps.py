from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "apps.orders"
    verbose_name = _("orders")

    def ready(self) -> None:
        from apps.orders import checks  # noqa: F401  registers them
