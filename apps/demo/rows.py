"""Bulk inserts of rows that carry their own keys and times."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, TypeVar

from django.core.management.color import no_style
from django.db import connection, models

M = TypeVar("M", bound=models.Model)


class Rows:
    """Gathers rows of several models, parents first, and writes them with few statements.

    bulk_create would replace their create_time, and on MySQL would not tell their keys. Keys are handed out here, from
    the highest in use: two loaders at once, or a shop that sells meanwhile, can meet an IntegrityError, not wrong rows.
    """

    def __init__(self) -> None:
        self._waiting: dict[type[models.Model], list[models.Model]] = {}
        self._last_key: dict[type[models.Model], int] = {}

    def add(self, row: M) -> M:
        """Take the row along; it has its key from now on."""
        if row.pk is None:
            row.pk = self._next_key(type(row))
        self._waiting.setdefault(type(row), []).append(row)
        return row

    def keep_order(self, *kinds: type[models.Model]) -> None:
        """Have these models written in this order, whichever comes first: MySQL checks a parent at once."""
        for kind in kinds:
            self._waiting.setdefault(kind, [])

    def write(self) -> None:
        """Insert all that were added, a model at a time in the order in which they first came."""
        waiting = {model: rows for model, rows in self._waiting.items() if rows}
        for rows in waiting.values():
            _insert(rows)
        written, self._waiting = list(waiting), {}
        # PostgreSQL counts on its own and has not seen these keys.
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), written):
                cursor.execute(statement)

    def _next_key(self, model: type[models.Model]) -> int:
        if model not in self._last_key:
            self._last_key[model] = last_key(model)
        self._last_key[model] += 1
        return self._last_key[model]


def last_key(model: type[models.Model]) -> int:
    """The highest key in use, 0 without rows."""
    return model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0


def times(created: datetime, updated: datetime | None = None) -> dict[str, Any]:
    """The columns of a TimestampedModel."""
    return {"create_time": created, "update_time": updated or created}


def _insert(rows: list[models.Model]) -> None:
    meta, quote = rows[0]._meta, connection.ops.quote_name
    fields = meta.local_concrete_fields
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    adapted = [(field.attname, _adapter(field)) for field in fields]
    values = [
        [adapt(row[name]) if adapt else row[name] for name, adapt in adapted]
        for row in map(vars, rows)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({places})",  # noqa: S608  no values
            values,
        )


def _adapter(field: models.Field) -> Callable[[Any], Any] | None:
    """What a driver cannot take as it is: field.get_db_prep_save() asks that of every value, at half the speed."""
    if isinstance(field, models.DateTimeField):
        # Neighbouring rows share their times.
        return lru_cache(maxsize=256)(connection.ops.adapt_datetimefield_value)
    if isinstance(field, models.DecimalField):
        adapt = connection.ops.adapt_decimalfield_value
        return partial(adapt, max_digits=field.max_digits, decimal_places=field.decimal_places)
    if isinstance(field, models.FileField):
        return str
    if isinstance(field, models.JSONField):
        return partial(field.get_db_prep_save, connection=connection)
    return None
