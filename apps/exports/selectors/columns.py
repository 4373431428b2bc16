"""What the columns of a list say in a spreadsheet."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, FileField, Model
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from apps.core.spreadsheets.writing import Cell
from apps.exports.selectors.lists import Listing

PERSONAL_RIGHT = "exports.export_personal"
PERSONAL = {
    "receiver",
    "mobile",
    "tel",
    "phone",
    "email",
    "address",
    "place",
    "first_name",
    "last_name",
    "openid",
    "unionid",
}
"""What finds or reaches a person. To look at one is a daily task; a file of all of them is another right."""
EMPTY = {"-", "–", "—"}
"""By which a page says that there is nothing."""


@dataclass(frozen=True)
class ListColumn:
    """``related`` is what has to be read with each row, lest every cell costs a statement."""

    name: str
    title: str
    value: Callable[[Any], Cell]
    related: str = ""


def offered_columns(listed: Listing) -> dict[str, ListColumn]:
    """The columns that this operator may have of a list, by name, in the order of the sheet."""
    names = [name for name in listed.admin.get_export_columns(listed.request) if name != "__str__"]
    if not listed.operator.has_perm(PERSONAL_RIGHT):
        names = [name for name in names if not PERSONAL & set(name.split("__"))]
    return {name: _column(listed.admin, name) for name in names}


def _column(admin: Any, name: str) -> ListColumn:
    way = _way(admin.model, name)
    if way is None:
        return _shown(admin, name)
    *through, last = way
    path = [field.name for field in through]
    titles = [_title(field) for field in way]
    is_key = last.is_relation and name.rpartition("__")[2] == getattr(last, "attname", "")
    if is_key:
        titles[-1] = _title_of_key(last)
    if last.is_relation and not is_key:
        path.append(last.name)
        return ListColumn(name, " ".join(titles), _read(".".join(path), _cell), "__".join(path))
    attribute = ".".join([*path, last.attname])
    return ListColumn(name, " ".join(titles), _read(attribute, _said_by(last)), "__".join(path))


def _way(model: type[Model], name: str) -> list[Any] | None:
    """The fields that lead to the column; None for what is no column of a table."""
    fields: list[Any] = []
    for part in name.split("__"):
        try:
            fields.append(model._meta.get_field("id" if part == "pk" else part))
        except FieldDoesNotExist:
            return None
        if fields[-1].one_to_many or fields[-1].many_to_many:
            return None
        model = fields[-1].related_model or model
    return fields


def _title(field: Any) -> str:
    """A relation seen from its other end has no name of its own."""
    named = getattr(field, "verbose_name", None) or field.related_model._meta.verbose_name
    return str(named)


def _title_of_key(relation: Any) -> str:
    """Which row it is: by the name of its number, if that has one."""
    key = relation.target_field
    named = str(key.verbose_name)
    return f"{_title(relation)} {named}" if named == "ID" else named


def _shown(admin: Any, name: str) -> ListColumn:
    """What the page shows by a method, of the admin or of the row."""
    title = str(label_for_field(name, admin.model, admin))
    if hasattr(admin, name):
        return ListColumn(name, title, lambda row: _text_shown(getattr(admin, name)(row)))

    def of_row(row: Any) -> Cell:
        value = getattr(row, name)
        return _text_shown(value() if callable(value) else value)

    return ListColumn(name, title, of_row)


def _read(path: str, say: Callable[[Any], Cell]) -> Callable[[Any], Cell]:
    parts = path.split(".")

    def value(row: Any) -> Cell:
        for part in parts:
            try:
                row = getattr(row, part)
            except ObjectDoesNotExist:  # of a one-to-one relation, seen from its other end
                return None
            if row is None:
                return None
        return say(row)

    return value


def _said_by(field: Field) -> Callable[[Any], Cell]:
    names: Mapping[Any, Any] = dict(field.flatchoices)
    if names:
        return lambda value: None if value is None else str(names.get(value, value))
    if isinstance(field, FileField):
        return lambda file: file.name or ""
    return _cell


def _text_shown(value: Any) -> Cell:
    said = _cell(value)
    return "" if isinstance(said, str) and said in EMPTY else said


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, bool | int | Decimal | date | datetime):
        return value
    if isinstance(value, SafeString):
        return unescape(strip_tags(value)).strip()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
    return str(value)
