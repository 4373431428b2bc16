"""Filling in the forms of the back office as a browser does."""

import re
from collections.abc import Iterator
from typing import Any

from django.db.models.fields.files import FieldFile
from django.forms import MultiWidget
from django.test import Client
from django.urls import reverse


def filled(answer: Any) -> dict[str, Any]:
    """What a browser would send back of a page's form if nobody touched it."""
    return dict(_fields(answer.context))


def _fields(context: Any) -> Iterator[tuple[str, Any]]:
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for field in (field for form in forms for field in form):
        value = field.value()
        if isinstance(field.field.widget, MultiWidget):
            parts = field.field.widget.decompress(value)
            yield from ((f"{field.html_name}_{n}", part or "") for n, part in enumerate(parts))
        elif value is not None and value is not False and not isinstance(value, FieldFile):
            yield field.html_name, value


def change_page(row: Any) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def send(desk: Client, page: str, **fields: Any) -> Any:
    """Open a page, change these fields and send it, whatever comes of it."""
    return desk.post(page, {**filled(desk.get(page)), **fields})


def save(desk: Client, page: str, **fields: Any) -> Any:
    """Open a page, change these fields and save; errors of the form fail the test."""
    answer = desk.post(page, {**filled(desk.get(page)), **fields})
    if answer.status_code == 200:
        raise AssertionError(answer.context["errors"])
    return answer


def errors(desk: Client, page: str, **fields: Any) -> str:
    """The errors that saving these fields gives."""
    answer = desk.post(page, {**filled(desk.get(page)), **fields})
    assert answer.status_code == 200
    return str(answer.context["errors"])


def cells(answer: Any, column: str) -> list[str]:
    """What a list shows in a column, row by row."""
    found = re.findall(rf'<td class="field-{column}[ "][^>]*>(.*?)</td>', answer.content.decode())
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in found]
