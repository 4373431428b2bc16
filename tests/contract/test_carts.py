"""Lines 28 and 29: the cart, of a buyer and of a visitor alike."""

import pytest

from tests.contract.shapes import ADDRESS, MONEY
from tests.contract.table import Row
from tests.contract.world import World

LINE = {
    "id": int,
    "name": str,
    "price": MONEY,
    "default_image_url": ADDRESS,
    "count": 1,
    "selected": True,
}
PUT = {"sku_id": int, "count": int, "selected": bool}
IN_CART = {"buyer": "sku_in_cart", "undefined": "sku_in_visitors_cart"}

ROWS = [
    row
    for who, sku in IN_CART.items()
    for row in (
        Row(28, "GET", "/cart/", 200, [LINE], who=who, given=sku),
        Row(
            28,
            "POST",
            "/cart/",
            201,
            {**PUT, "count": 2, "selected": True},
            {"sku_id": "{sku_id}", "count": 2},
            who,
        ),
        Row(
            28,
            "PUT",
            "/cart/",
            200,
            {**PUT, "count": 3, "selected": False},
            {"sku_id": f"{{{sku}}}", "count": 3, "selected": False},
            who,
        ),
        Row(28, "DELETE", "/cart/", 204, None, {"sku_id": f"{{{sku}}}"}, who),
        Row(
            29,
            "PUT",
            "/cart/selection/",
            200,
            {"message": "OK"},
            {"selected": False},
            who,
            given=sku,
        ),
    )
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_row(row: Row, world: World) -> None:
    row.check(world)
