"""An export is asked for: a short one is handed out at once, a long one is written down for a worker."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import get_language

from apps.exports.exceptions import NotExportable, TooManyExports
from apps.exports.models import Export
from apps.exports.selectors import ListColumn, Listing, listing, offered_columns
from apps.exports.tasks import ask_for_round

SHORT = 5_000
"""Rows that are handed out while the browser waits."""
MOST_UNFINISHED = 3
"""Of one operator, so that nobody keeps the others waiting."""


def chosen_columns(listed: Listing, names: Sequence[str]) -> list[ListColumn]:
    """The columns of these names. Raises NotExportable if one of them is not for this operator, or not any more."""
    offered = offered_columns(listed)
    if not names or not set(names) <= offered.keys():
        raise NotExportable
    return [column for name, column in offered.items() if name in names]


def check_still_allowed(export: Export, operator: Any) -> None:
    """Raises NotExportable for an operator who could not have this export's columns now."""
    chosen_columns(listing(operator, export.model, ""), export.columns)


def begin_direct(listed: Listing, **asked: Any) -> Export:
    """Write down that a list is taken out now, in this request. Raises NotExportable."""
    chosen_columns(listed, asked["columns"])
    return Export.objects.create(
        operator=listed.operator,
        language=get_language() or "",
        is_direct=True,
        state=Export.State.RUNNING,
        **asked,
    )


def order_export(listed: Listing, **asked: Any) -> Export:
    """Have a worker write the list into a file. Raises NotExportable, TooManyExports."""
    chosen_columns(listed, asked["columns"])
    unfinished = Export.objects.unfinished().filter(operator=listed.operator, is_direct=False)
    if unfinished.count() >= MOST_UNFINISHED:
        raise TooManyExports
    with transaction.atomic():
        export = Export.objects.create(
            operator=listed.operator, language=get_language() or "", **asked
        )
        # Robust: beat brings the round within seconds, if the broker is down now.
        transaction.on_commit(ask_for_round, robust=True)
    return export


def cancel_export(export: Export) -> bool:
    """Stop it, whether somebody works on it or not; False if it was finished before."""
    return Export.objects.cancel(export.pk)
