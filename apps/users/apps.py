from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    name = "apps.users"
    verbose_name = _("users")

    def ready(self) -> None:
        from apps.users import checks  # noqa: F401  registers them
