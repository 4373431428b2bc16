"""No line of the contract's table is left out."""

import pytest

from tests.contract import (
    test_accounts,
    test_carts,
    test_codes,
    test_goods,
    test_oauth,
    test_orders,
    test_user_centre,
)
from tests.contract.shapes import MONEY, faults

MODULES = (
    test_codes,
    test_accounts,
    test_oauth,
    test_user_centre,
    test_goods,
    test_carts,
    test_orders,
)


def test_every_line_of_the_table_is_tried_with_all_its_methods() -> None:
    tried: dict[int, set[str]] = {}
    for row in (row for module in MODULES for row in module.ROWS):
        tried.setdefault(row.line, set()).add(row.method)
    assert tried.keys() == set(range(1, 37))
    several = {18: "GET POST", 20: "GET POST", 21: "PUT DELETE", 28: "GET POST PUT DELETE"}
    for line, methods in several.items():
        assert tried[line] == set(methods.split())


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("1", int), (True, int), (1, bool), (1.0, int), (None, str),
        ("5", MONEY), ("5.001", MONEY), (5.0, MONEY),
        ([], [int]), ([1, "2"], [int]), ({}, [int]),
        ({"a": 1}, {"b": int}), ({"a": "1"}, {"a": int}), ([], {}),
        ("x", (int, None)), (0, False), ("no", "OK"),
    ],
)  # fmt: skip
def test_control_a_wrong_shape_is_seen(value: object, shape: object) -> None:
    assert faults(value, shape)
