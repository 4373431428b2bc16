"""A list of the back office as one operator sees it, anywhere: in a request, or hours later in a worker.

The list's own admin finds the rows, with this operator as the one who asks: its filters, search, order and rights
are those of the page, and there is no second place that says what somebody may see.

What changes while a long export is written: each row is as it was when its page of 500 was read. No row comes twice
or is left out because others come or go, for a page begins behind the last row of the one before. New rows are in it
if the order puts them behind that place: those of a list with the newest first are not. A row that leaves the filter
before its turn is left out. Lists without keyset paging, which stay short, have the rows that were there at the start.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import IS_FACETS_VAR, IS_POPUP_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, PAGE_VAR
from django.core.exceptions import SuspiciousOperation
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict

from apps.core.admin.exporting import TICKED
from apps.core.admin.keyset import AFTER, Keys
from apps.exports.exceptions import FilterRefused, NotExportable

ROWS_TOGETHER = 500
OF_THE_PAGE = (PAGE_VAR, ALL_VAR, ERROR_FLAG, IS_POPUP_VAR, IS_FACETS_VAR, TICKED)
"""What in an address does not choose rows, or not those of the list."""


@dataclass(frozen=True)
class Listing:
    admin: Any
    request: HttpRequest
    rows: QuerySet
    ordering: Sequence[str]

    @property
    def operator(self) -> Any:
        return self.request.user

    def count(self, *, at_most: int | None = None) -> int:
        """How many rows there are; of a long list that takes a while, unless it is enough to know of so many."""
        rows = self.rows.order_by()
        return (rows if at_most is None else rows[:at_most]).count()

    def pages(self, related: Sequence[str] = ()) -> Iterator[list[Model]]:
        """The rows, 500 at a time, each page one statement: however many there are, and without skipping any."""
        rows = self.rows.select_related(*related) if related else self.rows
        return self._by_key(rows) if self.admin.list_keyset else self._by_list(rows)

    def _by_key(self, rows: QuerySet) -> Iterator[list[Model]]:
        keys = Keys(self.admin.model, list(self.ordering))
        beside = None
        while page := list(keys.beyond(rows, beside, AFTER)[:ROWS_TOGETHER]):
            yield page
            if len(page) < ROWS_TOGETHER:
                break
            beside = keys.of(page[-1])

    def _by_list(self, rows: QuerySet) -> Iterator[list[Model]]:
        """In whatever order, by columns that may be empty or of other tables: for lists whose keys fit into memory."""
        keys = iter(list(rows.values_list("pk", flat=True)))
        while wanted := list(islice(keys, ROWS_TOGETHER)):
            found = {row.pk: row for row in rows.order_by().filter(pk__in=wanted)}
            yield [found[key] for key in wanted if key in found]


def listing(operator: Any, model: str, query: str, ticked: Sequence[str] = ()) -> Listing:
    """The list behind ``query``, the rows ``ticked`` of it or all.

    Raises NotExportable for who may not, FilterRefused for a query the list does not understand.
    """
    request = HttpRequest()
    request.method = "GET"
    request.user = operator
    request.GET = chosen_by(query)  # type: ignore[assignment]  # it may be written to
    model_admin = _admin_of(model)
    if not (operator.is_active and operator.is_staff):
        raise NotExportable
    if model_admin is None or not model_admin.has_export_permission(request):
        raise NotExportable
    try:
        changelist = model_admin.get_changelist_instance(request)
        rows = changelist.queryset
        if ticked:
            rows = rows.filter(pk__in=ticked)
    except (IncorrectLookupParameters, SuspiciousOperation, ValueError) as refusal:
        raise FilterRefused from refusal
    ordering = [*changelist.get_ordering(request, rows)]
    return Listing(model_admin, request, rows, ordering)


def chosen_by(query: str) -> QueryDict:
    """What in the address of a list chooses its rows and their order."""
    asked = QueryDict(query, mutable=True)
    for name in OF_THE_PAGE:
        asked.pop(name, None)
    return asked


def _admin_of(label: str) -> Any:
    try:
        model_admin = admin.site._registry.get(apps.get_model(label))
    except (LookupError, ValueError):
        return None
    # Others' lists know nothing of exports.
    return model_admin if hasattr(model_admin, "get_export_columns") else None
