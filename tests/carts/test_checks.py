from typing import Any

import pytest
from django.core.checks import run_checks


@pytest.mark.parametrize(
    ("samesite", "secure", "found"),
    [
        ("Lax", False, []),
        ("strict", False, []),
        ("None", True, []),
        ("None", False, ["carts.E002"]),
        ("none", False, ["carts.E002"]),
        ("Loose", True, ["carts.E001"]),
        ("", True, ["carts.E001"]),
    ],
)
def test_a_cookie_that_browsers_would_not_keep(
    samesite: str, secure: bool, found: list[str], settings: Any
) -> None:
    settings.CART_COOKIE = {"samesite": samesite, "secure": secure}
    assert [message.id for message in run_checks(tags=["carts"])] == found
