"""The pictures of the demo shop, really drawn."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db.models import Count
from PIL import Image
from pytest_django import Settings

from apps.contents.models import Content
from apps.core import pictures
from apps.goods.models import SKU, Brand, SKUImage
from tests.factories import add_places

pytestmark = pytest.mark.django_db


def test_every_sku_has_several_pictures_that_open(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    add_places()

    call_command("load_demo", verbosity=0)

    assert not SKU.objects.filter(default_image="").exists()
    assert not SKU.objects.annotate(pictures=Count("images")).filter(pictures__lt=2).exists()
    main = set(SKU.objects.values_list("default_image", flat=True))
    gallery = set(SKUImage.objects.values_list("image", flat=True))
    logos = set(Brand.objects.values_list("logo", flat=True))
    posters = set(Content.objects.exclude(image="").values_list("image", flat=True)) - main
    assert main < gallery
    assert len(posters) == 8
    for name in gallery | logos | posters:
        assert pictures.has_sizes(name)
        assert pictures.missing_sides(name, default_storage) == []
        with default_storage.open(name) as file, Image.open(file) as image:
            if name in posters:
                assert image.size in {(1200, 480), (1200, 80), (240, 480)}
            else:
                assert image.size == ((480, 240) if name in logos else (640, 640))
            assert f".{max(image.size)}px." in name
            image.draft("RGB", (80, 80))
            # Not a grey box: a card has many colours.
            colours = len(image.getcolors(1 << 20) or [])
            assert name in logos or colours > 150, name
            assert default_storage.size(name) < 60_000
