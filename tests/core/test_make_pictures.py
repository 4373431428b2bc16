"""The command that makes the sizes of pictures again."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from PIL import Image
from pytest_django import Settings

from apps.goods.models import SKU, SKUImage
from tests.core.test_pictures import upload
from tests.factories import SKUFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sku(settings: Settings, tmp_path: Path) -> SKU:
    """With a picture of 300 pixels, shown in two places."""
    settings.MEDIA_ROOT = tmp_path
    sku = SKUFactory()
    sku.default_image.save("a.jpg", upload(size=(300, 300)))
    SKUImage.objects.create(sku=sku, image=str(sku.default_image))
    return sku


def size(sku: SKU, side: int) -> Path:
    return Path(sku.default_image.path.replace(".300px.jpg", f".{side}px.webp"))


def said(**options: bool) -> str:
    out = StringIO()
    call_command("make_pictures", stdout=out, **options)
    return out.getvalue()


def test_what_is_missing_is_made_once(sku: SKU) -> None:
    size(sku, 80).unlink()
    size(sku, 240).write_bytes(b"left alone")

    assert "of 1 pictures" in said()

    with Image.open(size(sku, 80)) as image:
        assert image.size == (80, 80)
    assert size(sku, 240).read_bytes() == b"left alone"
    assert "of 0 pictures" in said()


def test_all_are_made_anew(sku: SKU) -> None:
    size(sku, 240).write_bytes(b"torn")

    assert "of 1 pictures" in said(all=True)

    with Image.open(size(sku, 240)) as image:
        assert image.size == (240, 240)


def test_a_lost_picture_is_named_and_the_others_are_made(sku: SKU) -> None:
    other = SKUFactory()
    other.default_image.save("b.jpg", upload(size=(300, 300)))
    Path(sku.default_image.path).unlink()
    size(sku, 80).unlink()
    size(other, 80).unlink()

    with pytest.raises(CommandError, match=str(sku.default_image)):
        said()

    assert size(other, 80).exists()


def test_files_that_came_another_way_are_left_alone(sku: SKU) -> None:
    SKUFactory(default_image="skus/nowhere.png")
    sku.default_image.storage.save("skus/own.jpg", ContentFile(b"x"))
    SKUFactory(default_image="skus/own.jpg")
    assert "of 0 pictures" in said()
