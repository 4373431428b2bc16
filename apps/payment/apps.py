from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentConfig(AppConfig):
    name = "apps.payment"
    verbose_name = _("paying")

    def ready(self) -> None:
        from apps.payment import checks  # noqa: F401  registers them
