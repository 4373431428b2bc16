"""The pictures of docs/, taken anew by ``make screenshots``."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.conftest import SUPERUSER
from tests.browser.desk import Desk

pytestmark = pytest.mark.browser

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
BIGGEST = 200_000


def test_pictures_are_taken(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of(SUPERUSER)
    orders = "/admin/orders/orderinfo/"
    desk.page.goto(f"{desk.shop_url}{orders}?status__exact=2&pay_method__exact=2")
    row = desk.page.locator("#result_list tbody a[href*='/change/']").first.get_attribute("href")
    assert row
    take(desk, row.partition("?")[0], "back-office-order")


def take(desk: Desk, path: str, name: str) -> None:
    """The page at the height of its content, in 128 colours."""
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(desk.shop_url + path, wait_until="networkidle")
    height = page.evaluate("document.querySelector('#content').getBoundingClientRect().bottom")
    page.set_viewport_size({"width": 1440, "height": max(900, min(int(height) + 90, 1900))})
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    IMAGES.mkdir(exist_ok=True)
    file = IMAGES / f"{name}.png"
    picture.convert("RGB").quantize(128).save(file, optimize=True)
    assert file.stat().st_size < BIGGEST, file
