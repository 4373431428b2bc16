"""Lines 30 to 36: orders, reviews, payment."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contract.shapes import ADDRESS, MONEY, ORDER_ID, SHANGHAI_TIME
from tests.contract.table import Row
from tests.contract.world import World
from tests.payment.conftest import gateway_at, sandbox  # noqa: F401  fixtures

SOLD = {"id": int, "name": str, "default_image_url": ADDRESS}
LINE = {"id": int, "count": int, "price": MONEY, "sku": SOLD}
ORDER = {
    "order_id": ORDER_ID,
    "create_time": SHANGHAI_TIME,
    "total_amount": MONEY,
    "freight": MONEY,
    "status": int,
    "pay_method": int,
    "skus": [LINE],
}
TICKED = {**SOLD, "price": MONEY, "count": int}
PLACED = {"order_id": ORDER_ID}
REVIEW = {
    "order": "{received_order_id}",
    "sku": "{sku_id}",
    "comment": "做工很好，用着顺手",
    "score": 0,
    "is_anonymous": True,
}
PAY = Row(
    35,
    "GET",
    "/orders/{order_id}/payment/",
    200,
    {"alipay_url": re.compile(r"https?://\S+\?\S+sign=\S+")},
    who="buyer",
)

PLAIN = [
    Row(
        30,
        "GET",
        "/orders/settlement/",
        200,
        {"freight": "10.00", "skus": [TICKED]},
        who="buyer",
        given="sku_in_cart",
    ),
    *(
        Row(
            31,
            "POST",
            "/orders/",
            201,
            PLACED,
            {"address": "{address_id}", "pay_method": method},
            "buyer",
            given="sku_in_cart",
        )
        for method in (1, "2")
    ),
    Row(
        32,
        "GET",
        "/orders/?page=1&page_size=5",
        200,
        {"count": 1, "results": [ORDER]},
        who="buyer",
        given="order_id",
    ),
    Row(33, "GET", "/orders/{received_order_id}/uncommentgoods/", 200, [LINE], who="buyer"),
    Row(34, "POST", "/orders/{received_order_id}/comments/", 201, {}, REVIEW, "buyer"),
    PAY,
]
ROWS = [*PLAIN, Row(36, "PUT", "/payment/status/", 200, {"trade_id": str}, {})]


@pytest.mark.parametrize(
    "row", PLAIN, ids=lambda row: f"{row} {row.body and row.body.get('pay_method', '')}"
)
def test_row(row: Row, world: World) -> None:
    row.check(world)


def test_row_36_without_a_token_and_again_when_the_page_is_reloaded(
    world: World,
    sandbox: Callable[[str, str], Any],  # noqa: F811
) -> None:
    """The query string of the page the buyer came back to, word for word, and an empty object."""
    link = PAY.check(world).json()["alipay_url"]
    query = urlsplit(sandbox(link, "pay").headers["Location"]).query
    status = replace(ROWS[-1], path=f"/payment/status/?{query}")
    assert status.check(world).json() == status.check(world).json()
