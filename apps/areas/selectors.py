"""The division of China as storefronts ask for it."""

from typing import TypedDict

from apps.areas.models import Area


class AreaName(TypedDict):
    id: int
    name: str


class AreaWithSubs(AreaName):
    subs: list[AreaName]


def provinces() -> list[AreaName]:
    return [_name(area) for area in Area.objects.provinces()]


def area_with_subs(area_id: int) -> AreaWithSubs | None:
    """One area and what it is divided into; None if there is none with this code."""
    area = Area.objects.prefetch_related("subs").filter(pk=area_id).first()
    if area is None:
        return None
    return {"id": area.pk, "name": area.name, "subs": [_name(sub) for sub in area.subs.all()]}


def _name(area: Area) -> AreaName:
    return {"id": area.pk, "name": area.name}
