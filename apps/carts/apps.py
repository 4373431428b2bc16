from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CartsConfig(AppConfig):
    name = "apps.carts"
    verbose_name = _("carts")

    def ready(self) -> None:
        from apps.carts import checks  # noqa: F401  registers them
