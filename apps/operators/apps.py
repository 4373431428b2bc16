from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OperatorsConfig(AppConfig):
    name = "apps.operators"
    verbose_name = _("operators")

    def ready(self) -> None:
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
