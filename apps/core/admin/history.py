"""What was changed in the back office, before and after, by whom.

Only what operators do is recorded, and only of models that ``auditlog`` knows: a buyer's request costs no statement.
What goes past ``save()``, an UPDATE of many rows, is recorded by ``recorded``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any

from auditlog.diff import get_field_value
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.utils.text import Truncator

from apps.core.admin.guarding import hidden_columns

MOST_SHOWN = 50
LONGEST_VALUE = 200


@dataclass(frozen=True)
class Office:
    """Who is changing things now, and from where."""

    actor: Any
    address: str


_office: ContextVar[Office | None] = ContextVar("office", default=None)


@contextmanager
def recording(actor: Any, address: str) -> Iterator[None]:
    """Record what is changed meanwhile as this operator's doing."""
    token = _office.set(Office(actor, address))
    try:
        yield
    finally:
        _office.reset(token)


def while_recording(receiver: Callable[..., None]) -> Callable[..., None]:
    """The same receiver of a signal, deaf while nobody records."""

    @wraps(receiver)
    def gated(*args: Any, **kwargs: Any) -> None:
        if _office.get() is not None:
            receiver(*args, **kwargs)

    return gated


def sign(sender: Any, instance: LogEntry, **kwargs: Any) -> None:
    """Write into an entry who did it."""
    if office := _office.get():
        instance.actor = office.actor
        instance.remote_addr = office.address or None


@contextmanager
def recorded(rows: QuerySet, *columns: str, actor: Any = None) -> Iterator[None]:
    """Record what the block changes in these columns of these rows by UPDATE, one entry for each row that changed."""
    before = {row.pk: row for row in rows.all()}
    yield
    rows_now = rows.model._default_manager.filter(pk__in=before).only("pk", *columns)
    changed = ((row.pk, before[row.pk], _changes(before[row.pk], row, columns)) for row in rows_now)
    record_changes(rows.model, changed, actor=actor)


def record_changes(
    model: type[Model],
    changed: Iterable[tuple[Any, Any, Mapping[str, Sequence[str]]]],
    *,
    actor: Any = None,
) -> None:
    """Record what is known to have changed: each row's primary key, its name, and by column what was and what is."""
    office = _office.get() or Office(actor, "")
    kind = ContentType.objects.get_for_model(model)
    entries = [
        LogEntry(
            content_type=kind,
            object_pk=str(pk),
            object_id=pk if isinstance(pk, int) else None,
            object_repr=str(name),
            action=LogEntry.Action.UPDATE,
            changes={column: list(values) for column, values in changes.items()},
            actor=office.actor,
            remote_addr=office.address or None,
        )
        for pk, name, changes in changed
        if changes
    ]
    LogEntry.objects.bulk_create(entries, batch_size=500)


def _changes(old: Model, new: Model, columns: tuple[str, ...]) -> dict[str, list[str]]:
    changes = {}
    for column in columns:
        field = new._meta.get_field(column)
        values = [str(get_field_value(row, field)) for row in (old, new)]
        if values[0] != values[1]:
            changes[column] = values
    return changes


def entries_of(row: Model) -> QuerySet[LogEntry]:
    """What is recorded of a row, newest first."""
    kind = ContentType.objects.get_for_model(row)
    entries: QuerySet[LogEntry] = LogEntry.objects.filter(content_type=kind, object_pk=str(row.pk))
    return entries.select_related("actor").order_by("-id")


def changes_shown(entry: LogEntry, viewer: Any) -> list[tuple[str, str, str]]:
    """Column, before and after, as far as the viewer may see that column."""
    model = entry.content_type.model_class()
    hidden = hidden_columns(viewer)
    return [
        (_title(model, column), *_two(values))
        for column, values in (entry.changes or {}).items()
        if column not in hidden
    ]


def _two(values: Any) -> tuple[str, str]:
    if isinstance(values, dict):  # a relation to many: what was added to it, or taken away
        said = Truncator(", ".join(map(str, values.get("objects", [])))).chars(LONGEST_VALUE)
        return ("", said) if values.get("operation") == "add" else (said, "")
    before, after = (
        Truncator("" if each == "None" else each).chars(LONGEST_VALUE) for each in values
    )
    return before, after


def _title(model: type[Model] | None, column: str) -> str:
    try:
        return (
            str(getattr(model._meta.get_field(column), "verbose_name", column)) if model else column
        )
    except FieldDoesNotExist:
        return column
