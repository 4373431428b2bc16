"""Operators who take lists out, and what they get."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from apps.exports import services
from apps.exports.models import Export
from tests.admin.conftest import desk as desk
from tests.admin.conftest import operator as operator
from tests.admin.conftest import stock_up as stock_up
from tests.operators.conftest import desk_of as desk_of


def new_page(label: str) -> str:
    return reverse("admin:exports_export_new", args=label.lower().split("."))


def offered(desk: Client, label: str) -> list[str]:
    """The names of the columns that can be chosen."""
    form = desk.get(new_page(label)).context["form"]
    return [name for name, _title in form.fields["columns"].choices]


def export(desk: Client, label: str, *columns: str, query: str = "", kind: str = "csv") -> Any:
    """Choose these columns, or all there are, and send the page."""
    address = f"{new_page(label)}?{query}"
    return desk.post(address, {"columns": columns or offered(desk, label), "kind": kind})


def sheet(answer: Any) -> list[list[str]]:
    """Titles and rows of a .csv."""
    assert answer.status_code == 200, answer
    assert answer["Content-Disposition"].startswith("attachment"), answer.content.decode()
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def workbook(answer: Any) -> list[list[Any]]:
    file = io.BytesIO(b"".join(answer.streaming_content))
    return [list(row) for row in load_workbook(file).active.iter_rows(values_only=True)]


@pytest.fixture
def short_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Make longer lists than so many rows wait for a worker."""

    def set_to(rows: int) -> None:
        monkeypatch.setattr(services, "SHORT", rows)

    return set_to


def work() -> None:
    """What beat has a worker do."""
    call_command("write_exports")


def progress(answer: Any) -> Export:
    """The export whose page one was led to."""
    assert answer.status_code == 302, answer.content.decode()
    return Export.objects.get(pk=answer.url.split("/")[-3])
