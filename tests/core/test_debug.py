"""On a laptop, with DEBUG on, errors are JSON as well: a storefront is developed against it."""

from collections.abc import Iterator

import pytest
from django.test import override_settings
from rest_framework.test import APIClient


@pytest.fixture(autouse=True)
def debug() -> Iterator[None]:
    with override_settings(DEBUG=True):
        yield


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/v1/nothing/"),
        ("get", "/api/"),
        ("post", "/api/v1/cart"),  # the slash forgotten: a redirect would lose the body
        ("put", "/api/v2/cart/"),
    ],
)
def test_an_address_that_is_none(api: APIClient, method: str, path: str) -> None:
    answer = getattr(api, method)(path, {"sku_id": 1})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_outside_the_api_it_is_a_page(api: APIClient) -> None:
    assert "html" in api.get("/nothing/")["Content-Type"]
