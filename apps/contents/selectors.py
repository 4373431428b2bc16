from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import FilteredRelation, Q

from apps.contents.models import ContentCategory
from apps.core import pictures

COLUMNS = ("start_time", "end_time", "id", "title", "url", "image", "text")


@dataclass(frozen=True)
class Places:
    """What stands in each place of the home page, by key; ``until`` is when that changes by itself, if it does."""

    contents: dict[str, list[dict[str, Any]]]
    until: datetime | None


def places(at: datetime) -> Places:
    """Every place of the home page as it is at that moment, empty ones too; one query."""
    not_over = Q(contents__end_time=None) | Q(contents__end_time__gt=at)
    shown = FilteredRelation("contents", condition=Q(not_over, contents__status=True))
    rows = (
        ContentCategory.objects.alias(shown=shown)
        .order_by("id", "shown__sequence", "shown__id")
        .values_list("key", *(f"shown__{column}" for column in COLUMNS))
    )
    contents: dict[str, list[dict[str, Any]]] = {}
    changes: list[datetime] = []
    for key, start, end, *values in rows:
        place = contents.setdefault(key, [])
        if start and start > at:
            changes.append(start)
        elif values[0] is not None:
            place.append(_content(*values))
            changes += [end] if end else []
    return Places(contents, min(changes, default=None))


def _content(content_id: int, title: str, url: str, image: str, text: str) -> dict[str, Any]:
    image_url = default_storage.url(image) if image else ""
    return {
        "id": content_id,
        "title": title,
        "url": url,
        "image": {"url": image_url, "sizes": pictures.urls(image)},
        "image_url": image_url,
        "text": text,
    }
