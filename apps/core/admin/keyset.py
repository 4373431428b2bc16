"""Paging through lists that grow without bound: no count of all rows, no OFFSET, every page costs the same.

A page is found by the sort key and primary key of the row beside it. Where that was stands in the address, signed:
a cursor that was made up, or made for another order of rows, is none, and the first page is shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.contrib.admin.views.main import PAGE_VAR
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Field, Model, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

from apps.core.admin.unfolded import ChangeList

AFTER, BEFORE = "after", "before"


@dataclass
class Slice:
    """What the template of the page's foot asks for; there are no numbers of pages."""

    template_name = "core/keyset.html"
    per_page: int
    previous: str = ""
    next: str = ""


class ShopChangeList(ChangeList):
    """A list whose filters can be combined, whether they are links or typed in."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.asked = request.GET
        super().__init__(request, *args, **kwargs)
        page: Any = self.model_admin
        self.search_help_text = self.search_help_text or page.searched_by(request)

    @property
    def kept_beside_typed(self) -> list[tuple[str, str]]:
        """What stays in the address when bounds are typed in. The page does not: there are other rows then."""
        forms = [spec for spec in self.filter_specs if hasattr(spec, "form_class")]
        typed = {PAGE_VAR, *(name for spec in forms for name in spec.expected_parameters())}
        # These unfold writes itself, beside their links.
        typed |= {
            str(getattr(spec, "lookup_kwarg", ""))
            for spec in self.filter_specs
            if getattr(spec, "lookup_val", None)
        }
        return [
            (name, value)
            for name, values in self.asked.lists()
            if name not in typed
            for value in values
        ]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count  # so that nobody is offered to see all


class KeysetChangeList(ShopChangeList):
    """A list without an end. Its rows are in one order, by columns that are never NULL."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[str | Combinable]:
        return [*self._columns(request)]

    def _columns(self, request: HttpRequest) -> list[str]:
        ordering = self.model_admin.get_ordering(request) or self.lookup_opts.ordering or []
        return _down_to_the_key(self.model, [str(column) for column in ordering])

    def get_results(self, request: HttpRequest) -> None:
        ordering = self._columns(request)
        keys = Keys(self.model, ordering)
        direction, beside = keys.read(request.GET.get(PAGE_VAR, ""))
        found = _turned(keys.beyond(self.queryset, beside, direction), ordering, direction)
        chosen = list(found.values_list("pk", flat=True)[: self.list_per_page + 1])
        more = len(chosen) > self.list_per_page
        del chosen[self.list_per_page :]
        if direction == BEFORE:
            chosen.reverse()
        rows = self._fetched(chosen)
        earlier, later = (more, True) if direction == BEFORE else (beside is not None, more)
        self.paginator = Slice(self.list_per_page)
        if rows and earlier:
            self.paginator.previous = self.get_query_string(
                {PAGE_VAR: keys.written(BEFORE, rows[0])}
            )
        if rows and later:
            self.paginator.next = self.get_query_string({PAGE_VAR: keys.written(AFTER, rows[-1])})
        self.result_list = rows
        # What is on the page is all there is to be counted, and to be chosen for an action.
        self.result_count = self.full_result_count = len(rows)
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False

    def _fetched(self, chosen: list[Any]) -> list[Model]:
        """The rows of these keys, in this order, with what the list shows of other tables.

        Apart from choosing them: an optimizer that joins first may begin at the other table, and sort every row.
        """
        rows = self.root_queryset.order_by()
        if not rows.query.select_related:
            rows = self.apply_select_related(rows)
        fetched = rows.in_bulk(chosen)
        return [fetched[key] for key in chosen if key in fetched]


@dataclass(frozen=True)
class Keys:
    """The columns that put a model's rows in order, the last of them unique."""

    model: type[Model]
    ordering: list[str]

    @property
    def _names(self) -> list[str]:
        return [column.removeprefix("-") for column in self.ordering]

    @property
    def _fields(self) -> list[Field]:
        return [cast("Field", self.model._meta.get_field(name)) for name in self._names]

    @property
    def _salt(self) -> str:
        return f"keyset:{self.model._meta.label}:{','.join(self.ordering)}"

    def of(self, row: Model) -> list[Any]:
        return [field.value_from_object(row) for field in self._fields]

    def written(self, direction: str, row: Model) -> str:
        values = [field.value_to_string(row) for field in self._fields]
        return signing.dumps([direction, *values], salt=self._salt)

    def read(self, cursor: str) -> tuple[str, list[Any] | None]:
        """A direction and the values of the row beside; without such a row it is the first page."""
        try:
            direction, *values = signing.loads(cursor, salt=self._salt)
            pairs = zip(self._fields, values, strict=True)
            return direction, [field.to_python(value) for field, value in pairs]
        except (signing.BadSignature, ValidationError, ValueError, TypeError):
            return AFTER, None

    def beyond(self, rows: QuerySet, beside: list[Any] | None, direction: str) -> QuerySet:
        """The rows after, or before, the one with these values."""
        if beside is None:
            return rows
        further, equal = Q(), Q()
        for column, value in zip(self.ordering, beside, strict=True):
            name = column.removeprefix("-")
            less = column.startswith("-") == (direction == AFTER)
            further |= equal & Q(**{f"{name}__{'lt' if less else 'gt'}": value})
            equal &= Q(**{name: value})
        # Said twice for the database, which finds the place in its index by this.
        first = self.ordering[0]
        less = first.startswith("-") == (direction == AFTER)
        bound = Q(**{f"{first.removeprefix('-')}__{'lte' if less else 'gte'}": beside[0]})
        return rows.filter(bound & further)


class UncountedPaginator(Paginator):
    """For the choices of an autocomplete field: whether there are more is seen from the rows themselves."""

    @cached_property
    def count(self) -> int:
        return 1_000_000_000

    def page(self, number: Any) -> "Page":
        number = self.validate_number(number)
        begin = (number - 1) * self.per_page
        rows = list(self.object_list[begin : begin + self.per_page + 1])
        return UncountedPage(rows[: self.per_page], number, self, more=len(rows) > self.per_page)


class UncountedPage(Page):
    def __init__(self, rows: list[Any], number: int, paginator: Paginator, *, more: bool) -> None:
        super().__init__(rows, number, paginator)
        self._more = more

    def has_next(self) -> bool:
        return self._more


def _down_to_the_key(model: type[Model], ordering: list[str]) -> list[str]:
    """The ordering, and last of all the primary key, by which no two rows are alike."""
    meta = model._meta
    names = ["pk" if each in ("pk", meta.pk.name) else each for each in map(_name, ordering)]
    ordering = ordering[: names.index("pk") + 1] if "pk" in names else [*ordering, "-pk"]
    return [each.replace("pk", meta.pk.name) if _name(each) == "pk" else each for each in ordering]


def _name(column: str) -> str:
    return column.removeprefix("-")


def _turned(rows: QuerySet, ordering: list[str], direction: str) -> QuerySet:
    return rows.order_by(*(ordering if direction == AFTER else _reversed(ordering)))


def _reversed(ordering: list[str]) -> Iterator[str]:
    return (_name(column) if column.startswith("-") else f"-{column}" for column in ordering)
