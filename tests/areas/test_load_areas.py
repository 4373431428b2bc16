"""The division of China as it is committed: whole, connected, and loadable twice."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models.functions import Length

from apps.areas.models import Area

pytestmark = pytest.mark.django_db


def load() -> str:
    out = StringIO()
    call_command("load_areas", stdout=out)
    return out.getvalue()


def test_three_levels_are_whole() -> None:
    said = load()

    assert Area.objects.provinces().count() == 34
    assert Area.objects.filter(parent__isnull=False, parent__parent=None).count() == 369
    assert Area.objects.filter(parent__parent__isnull=False).count() == 3479
    assert Area.objects.filter(parent__parent__parent__isnull=False).count() == 0
    assert said == "Areas: 34 provinces, 369 cities, 3479 districts.\n"


def test_every_province_has_cities_and_every_city_districts() -> None:
    load()

    above_districts = Area.objects.filter(id__endswith="00")
    assert above_districts.count() == 34 + 369
    assert not above_districts.filter(subs=None).exists()


def test_a_code_stands_below_the_code_it_begins_with() -> None:
    load()

    for area in Area.objects.exclude(parent=None):
        step = 10_000 if area.id % 100 == 0 else 100
        assert area.parent_id == area.id // step * step


def test_names_fit_into_an_address() -> None:
    load()

    longest = Area.objects.annotate(length=Length("name")).order_by("-length").first()
    assert longest is not None
    assert longest.length <= 20
    assert not Area.objects.filter(name="").exists()


def test_second_run_mends_and_adds_nothing() -> None:
    load()
    Area.objects.filter(pk=110000).update(name="别的名字")
    Area.objects.filter(pk=110101).delete()

    load()

    assert Area.objects.count() == 34 + 369 + 3479
    assert Area.objects.get(pk=110000).name == "北京市"
    assert Area.objects.get(pk=110101).parent_id == 110100
