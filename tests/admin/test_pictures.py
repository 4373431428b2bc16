"""Pictures that operators upload: checked, in all sizes, and never taken from under an order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from apps.core import pictures
from apps.goods.models import SKU, Brand, SKUImage
from apps.orders.models import OrderGoods
from tests.admin.forms import change_page, errors, save
from tests.core.test_pictures import upload
from tests.factories import OrderInfoFactory, SKUFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def sku(db: None) -> SKU:
    return SKUFactory()


def photo(side: int = 900) -> SimpleUploadedFile:
    return SimpleUploadedFile("商品图.jpg", upload(size=(side, side)).read())


def no_photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>")


def is_kept_whole(name: str, side: int = 900) -> bool:
    return (
        name.endswith(f".{side}px.jpg")
        and default_storage.exists(name)
        and pictures.missing_sides(name, default_storage) == []
    )


def test_of_a_sku(
    desk: Client, sku: SKU, api: APIClient, django_capture_on_commit_callbacks: Callable
) -> None:
    first = {"images-TOTAL_FORMS": 1, "images-0-sku": sku.pk, "images-0-sequence": 0}
    with django_capture_on_commit_callbacks(execute=True):
        save(
            desk, change_page(sku), default_image=photo(), **first, **{"images-0-image": photo(700)}
        )

    sku.refresh_from_db()
    (more,) = SKUImage.objects.filter(sku=sku)
    assert is_kept_whole(str(sku.default_image))
    assert is_kept_whole(str(more.image), 700)
    page = api.get(f"/api/v1/skus/{sku.pk}/").json()
    assert page["default_image_url"] == f"http://testserver/media/{sku.default_image}"
    (shown,) = page["images"]
    stem = str(more.image).removesuffix(".700px.jpg")
    assert shown["sizes"] == {
        "80": f"http://testserver/media/{stem}.80px.webp",
        "240": f"http://testserver/media/{stem}.240px.webp",
        "480": f"http://testserver/media/{stem}.480px.webp",
        "800": f"http://testserver/media/{more.image}",
    }


def test_of_a_brand(desk: Client, sku: SKU) -> None:
    brand = sku.goods.brand
    save(desk, change_page(brand), logo=photo())
    brand.refresh_from_db()
    assert is_kept_whole(str(brand.logo))


def test_what_is_no_picture_changes_nothing(desk: Client, sku: SKU, storage: Path) -> None:
    for row, fields in (
        (sku, {"default_image": no_photo()}),
        (sku.goods.brand, {"logo": no_photo()}),
        (
            sku,
            {
                "images-TOTAL_FORMS": 1,
                "images-0-sku": sku.pk,
                "images-0-sequence": 0,
                "images-0-image": no_photo(),
            },
        ),
    ):
        assert "JPEG" in errors(desk, change_page(row), **fields)
    assert not SKU.objects.exclude(default_image="").exists()
    assert not Brand.objects.exclude(logo="").exists()
    assert not SKUImage.objects.exists()
    assert list(storage.iterdir()) == []


@pytest.mark.parametrize("change", [{"default_image": photo}, {"default_image-clear": "on"}])
def test_an_order_keeps_its_picture_when_the_sku_gets_another_or_none(
    change: dict[str, Any], desk: Client, sku: SKU, storage: Path
) -> None:
    save(desk, change_page(sku), default_image=photo())
    sku.refresh_from_db()
    sold = str(sku.default_image)
    OrderGoods.objects.filter(order=OrderInfoFactory(skus=[sku])).update(image=sold)

    fields = {name: value() if callable(value) else value for name, value in change.items()}
    save(desk, change_page(sku), **fields)

    sku.refresh_from_db()
    assert str(sku.default_image) != sold
    assert is_kept_whole(OrderGoods.objects.get().image)
