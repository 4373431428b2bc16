"""Searching by whole values: an order number, a user name, a telephone number.

Django asks for any of the columns in one statement, and no index serves an OR across tables: every row there is would
be read. Here each column is asked by itself, by its own index, and from there down to the list's table.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.utils.translation import gettext as _

MOST_KEYS = 10_000
"""Rows of another table by which rows of the list are found, the newest of them."""


def whole(model: type[Model], columns: Sequence[str], text: str) -> Q | None:
    """What chooses the rows that have this text in one of the columns; None if there are none."""
    found: list[Any] = [Q(**asked) for column in columns if (asked := _asked(model, column, text))]
    return Q.create(found, connector=Q.OR) if found else None


def part(columns: Sequence[str], text: str) -> Q:
    """What chooses the rows with this text within one of the columns. Reads every row: for lists that are short."""
    return Q.create([(f"{column}__icontains", text) for column in columns], connector=Q.OR)


def whole_columns(fields: Sequence[str]) -> list[str]:
    return [field.removeprefix("=") for field in fields if field.startswith("=")]


def searched_by(model: type[Model], columns: Sequence[str]) -> str:
    """For the operator: what can be typed in as a whole."""
    named = dict.fromkeys(_named(model, column.split("__")) for column in columns)
    return _("Whole: %(columns)s") % {"columns": _(", ").join(named)}


def _asked(model: type[Model], column: str, text: str) -> dict[str, Any]:
    """A condition on the model's own column that rows of it fulfil; {} if none does."""
    name, _dots, further = column.partition("__")
    field: Any = model._meta.get_field(name)
    if further:
        asked = _asked(field.related_model, further, text)
        keys = _keys(field.related_model, asked) if asked else []
        return {f"{name}__in": keys} if keys and _keys(model, {f"{name}__in": keys}, 1) else {}
    try:
        asked = {name: field.to_python(text)}
    except ValidationError:
        return {}
    return asked if _keys(model, asked, 1) else {}


def _keys(model: type[Model], asked: dict[str, Any], most: int = MOST_KEYS) -> list[Any]:
    rows = model._default_manager.filter(**asked).order_by("-pk")
    return list(rows.values_list("pk", flat=True)[:most])


def _named(model: type[Model], names: list[str]) -> str:
    """A column by its name; of another table, with what the row there is called, but for a number of its own."""
    *way, last = _fields(model, names)
    name = str(last.verbose_name)
    if not way or last.name.endswith(("_id", "_no")):
        return name
    return _("%(row)s's %(column)s") % {"row": way[-1].verbose_name, "column": name}


def _fields(model: type[Model], names: list[str]) -> Iterator[Any]:
    for name in names:
        field: Any = model._meta.get_field(name)
        yield field
        model = field.related_model
