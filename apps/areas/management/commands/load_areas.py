import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from apps.areas import services
from apps.areas.models import Area

DATA = Path(__file__).resolve().parents[2] / "data" / "areas.json"


class Command(BaseCommand):
    help = "Load every province, city and district of China. Safe to run again: codes are updated."

    def handle(self, *args: Any, **options: Any) -> None:
        provinces, cities, districts = levels_in(DATA)
        with transaction.atomic():
            for level in (provinces, cities, districts):
                upsert(level)
            services.announce()
        if options["verbosity"]:
            counts = f"{len(provinces)} provinces, {len(cities)} cities, {len(districts)} districts"
            self.stdout.write(f"Areas: {counts}.")


def levels_in(data: Path) -> tuple[list[Area], list[Area], list[Area]]:
    """Read provinces, cities and districts; parents come before their children."""
    provinces: list[Area] = []
    cities: list[Area] = []
    districts: list[Area] = []
    for province, province_name, its_cities in json.loads(data.read_text(encoding="utf-8")):
        provinces.append(Area(id=province, name=province_name))
        for city, city_name, its_districts in its_cities:
            cities.append(Area(id=city, name=city_name, parent_id=province))
            districts += [Area(id=code, name=name, parent_id=city) for code, name in its_districts]
    return provinces, cities, districts


def upsert(areas: list[Area]) -> None:
    """Insert what is missing and bring the name and parent of the rest up to date."""
    # MySQL and MariaDB find the conflicting key themselves and accept no hint.
    takes_hint = connection.features.supports_update_conflicts_with_target
    Area.objects.bulk_create(
        areas,
        update_conflicts=True,
        update_fields=["name", "parent"],
        unique_fields=["id"] if takes_hint else None,
    )
