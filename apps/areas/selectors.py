"""The division of China as storefronts ask for it; cached, for it changes about once a year."""

from collections.abc import Callable
from typing import TypedDict, TypeVar

from django.core.cache import cache

from apps.areas.models import Area

CACHE_SECONDS = 60 * 60

T = TypeVar("T")


class AreaName(TypedDict):
    id: int
    name: str


class AreaWithSubs(AreaName):
    subs: list[AreaName]


def provinces() -> list[AreaName]:
    return _remembered("areas", lambda: [_name(area) for area in Area.objects.provinces()])


def area_with_subs(area_id: int) -> AreaWithSubs | None:
    """One area and what it is divided into; None if there is none with this code."""

    def read() -> AreaWithSubs | None:
        area = Area.objects.prefetch_related("subs").filter(pk=area_id).first()
        if area is None:
            return None
        return {"id": area.pk, "name": area.name, "subs": [_name(sub) for sub in area.subs.all()]}

    return _remembered(f"area:{area_id}", read)


def _remembered(key: str, read: Callable[[], T]) -> T:
    """Nothing is remembered of nothing: random codes must not fill the cache, nor a table not yet loaded stay empty."""
    found: T | None = cache.get(key)
    if found is None:
        found = read()
        if found:
            cache.set(key, found, CACHE_SECONDS)
    return found


def _name(area: Area) -> AreaName:
    return {"id": area.pk, "name": area.name}
