from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class TimestampedModel(models.Model):
    create_time = models.DateTimeField(_("created"), auto_now_add=True)
    update_time = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        abstract = True


class ExactCharField(models.CharField):
    """A text that is found, grouped and unique as it is written, on every database.

    The usual collations of MySQL and MariaDB take "a" for "A" and rare characters for each other. This one overlooks
    spaces at the end, no more. Lookups that ignore case (``icontains``, ``iexact``) go on ignoring it. A column that
    was made otherwise needs a migration with ``operations.MakeExact``.
    """

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters


class _IgnoringCase:
    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> tuple[str, Any]:
        # Mixed into lookups only.
        sql, parameters = super().process_lhs(compiler, connection, lhs)  # type: ignore[misc]
        if connection.vendor == "mysql":
            sql = f"{sql} COLLATE utf8mb4_unicode_520_ci"
        return sql, parameters


for _lookup in (
    models.lookups.IExact,
    models.lookups.IContains,
    models.lookups.IStartsWith,
    models.lookups.IEndsWith,
):
    ExactCharField.register_lookup(type(_lookup.__name__, (_IgnoringCase, _lookup), {}))
