"""Lines 23 to 27: the catalogue, search, reviews."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.contract.shapes import ADDRESS, MONEY
from tests.contract.table import Row
from tests.contract.world import World
from tests.search.conftest import index  # noqa: F401  a fixture

SKU = {"id": int, "name": str, "price": MONEY, "default_image_url": ADDRESS, "comments": int}
CATEGORY = {"id": int, "name": str}
CHANNEL = {"url": str, "category": CATEGORY}
PAGE = {"count": 1, "next": None, "previous": None, "results": [SKU]}

PLAIN = [
    Row(
        23,
        "GET",
        "/categories/{category_id}/",
        200,
        {"cat1": CHANNEL, "cat2": CATEGORY, "cat3": CATEGORY},
    ),
    Row(
        23,
        "GET",
        "/categories/{middle_category_id}/",
        200,
        {"cat1": CHANNEL, "cat2": CATEGORY, "cat3": ""},
    ),
    *(
        Row(
            24,
            "GET",
            f"/categories/{{category_id}}/skus/?page=1&page_size=5&ordering={by}",
            200,
            PAGE,
        )
        for by in ("-create_time", "price", "sales")
    ),
    Row(25, "GET", "/categories/{category_id}/hotskus/", 200, [SKU]),
    Row(
        27,
        "GET",
        "/skus/{reviewed_sku_id}/comments/",
        200,
        [{"username": "z***n", "comment": str, "score": 4}],
    ),
]
SEARCH = Row(
    26,
    "GET",
    "/skus/search/?text=小米&page=1&page_size=6",
    200,
    {"count": 1, "results": [{"object": SKU}]},
    given="sku_id",
)
ROWS = [*PLAIN, SEARCH]


@pytest.mark.parametrize("row", PLAIN, ids=lambda row: re.sub(r"\W+", " ", str(row)))
def test_row(row: Row, world: World) -> None:
    row.check(world)


def test_row_26(world: World, index: Path) -> None:  # noqa: F811
    assert world.sku
    call_command("rebuild_index", verbosity=0)
    SEARCH.check(world)
