from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SecondFactorConfig(AppConfig):
    """The library's app, by a name that people understand."""

    name = "django_otp.plugins.otp_totp"
    default_auto_field = "django.db.models.AutoField"
    verbose_name = _("second factors")


class OperatorsConfig(AppConfig):
    name = "apps.operators"
    verbose_name = _("operators")

    def ready(self) -> None:
        from apps.operators import checks  # noqa: F401  registers them
        from apps.operators.services.history import record_history

        record_history()
        # After the permissions of every app were made, which is the same signal's work.
        post_migrate.connect(_give_roles, sender=self, dispatch_uid="operators.give_roles")


def _give_roles(*, using: str, **kwargs: Any) -> None:
    """Only where our tables are: migrations backwards come here, too."""
    from apps.operators.models import Role
    from apps.operators.services import give_roles

    if Role._meta.db_table in connections[using].introspection.table_names():
        give_roles()
