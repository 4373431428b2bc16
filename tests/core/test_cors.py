"""Storefronts on another origin: who may call, with what, and what a browser is told of it."""

from typing import Any

import pytest
from django.core.checks import run_checks
from rest_framework.response import Response
from rest_framework.test import APIClient

from tests.carts.conftest import CART
from tests.core.refusals import refused
from tests.factories import SKUFactory
from tests.world import unchanged

FRONT = "http://www.meiduo.site:8080"
STRANGERS = [
    "http://www.meiduo.site",
    "https://www.meiduo.site:8080",
    "http://meiduo.site:8080",
    "http://evil.example",
    "http://www.meiduo.site:8080.evil.example",
    "null",
    "",
    "://",
    "http://[",
]


@pytest.fixture(autouse=True)
def allowed(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [FRONT]


def preflight(
    api: APIClient, path: str, method: str, headers: str, origin: str = FRONT
) -> Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    return api.options(path, headers=asked)


def words(answer: Response, header: str) -> set[str]:
    return {word.strip().lower() for word in answer[header].split(",")}


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("cart/", "DELETE", "authorization,content-type"),
        ("orders/", "POST", "authorization,content-type,idempotency-key"),
        ("addresses/1/", "PUT", "authorization,content-type"),
        ("user/", "PATCH", "authorization"),
        ("channels/", "GET", "if-none-match"),
        ("nowhere/", "GET", "authorization"),
    ],
)
def test_a_preflight_is_granted_without_asking_anybody(
    path: str,
    method: str,
    headers: str,
    api: APIClient,
    db: None,
    round_trips: list[int],
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(0):
        answer = preflight(api, f"/api/v1/{path}", method, headers)
    assert round_trips == []
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == FRONT
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert words(answer, "Access-Control-Allow-Headers") >= set(headers.split(","))
    assert method.lower() in words(answer, "Access-Control-Allow-Methods")
    assert int(answer["Access-Control-Max-Age"]) == 86400
    assert "origin" in words(answer, "Vary")


def test_the_answer_itself_can_be_read(api: APIClient, db: None) -> None:
    sku = SKUFactory()
    line = {"sku_id": sku.pk, "count": 1}
    answer = api.post(CART, line, headers={"Origin": FRONT, "Authorization": "JWT undefined"})
    assert answer.status_code == 201
    assert answer["Access-Control-Allow-Origin"] == FRONT
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert words(answer, "Access-Control-Expose-Headers") == {"retry-after", "etag"}
    assert "cart" in answer.cookies


@pytest.mark.parametrize(
    ("path", "status"), [("orders/", 401), ("nowhere/", 404), ("skus/424242/", 404)]
)
def test_so_can_a_refusal(path: str, status: int, api: APIClient, db: None) -> None:
    answer = api.get(f"/api/v1/{path}", headers={"Origin": FRONT})
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (status, FRONT)


def test_and_a_redirect_to_https(api: APIClient, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = api.get("/api/v1/cart/", headers={"Origin": FRONT})
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (301, FRONT)


@pytest.mark.parametrize("origin", STRANGERS)
def test_nobody_else_is_let_in(origin: str, api: APIClient, db: None) -> None:
    for answer in (
        preflight(api, CART, "POST", "content-type", origin=origin),
        api.get(CART, headers={"Origin": origin}),
    ):
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        assert "origin" in words(answer, "Vary")


def test_caches_keep_the_origins_apart(api: APIClient, db: None) -> None:
    assert "origin" in words(api.get("/api/v1/categories/"), "Vary")


@pytest.mark.parametrize("path", ["/admin/login/", "/healthz", "/pay_success.html"])
def test_only_the_api_is_open(path: str, api: APIClient, db: None) -> None:
    answer = api.get(path, headers={"Origin": FRONT})
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "text/plain;charset=UTF-8",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ],
)
def test_what_a_page_may_send_without_a_preflight_is_not_read(
    content_type: str, api: APIClient, db: None
) -> None:
    """The cookie of a visitor's cart comes along when ``SameSite`` is None; this is what stands in the way."""
    api.post(CART, {"sku_id": SKUFactory().pk, "count": 1})
    body = f'{{"sku_id": {SKUFactory().pk}, "count": 1}}'
    with unchanged():
        answer = api.generic("POST", CART, body, content_type=content_type)
        refused(answer, status=415, code="unsupported_media_type")


@pytest.mark.parametrize(
    ("origin", "found"),
    [
        (FRONT, set()),
        ("https://www.shop.example", set()),
        ("https://[::1]:8080", set()),
        ("www.shop.example", {"corsheaders.E013", "core.E022"}),
        ("https://www.shop.example/", {"corsheaders.E014", "core.E022"}),
        ("https://WWW.shop.example", {"core.E022"}),
        ("https://www.shop.example:443", {"core.E022"}),
        ("null", {"core.E021"}),
    ],
)
def test_an_origin_that_can_never_match_is_found_before_anybody_comes(
    origin: str, found: set[str], settings: Any
) -> None:
    settings.CORS_ALLOWED_ORIGINS = [origin]
    ids = {message.id for message in run_checks()}
    assert {each for each in ids if each and each.startswith(("core.", "corsheaders."))} == found


def test_how_to_write_it_is_said(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["WWW.shop.example:8080"]
    (message,) = run_checks(tags=["cors"])
    assert message.hint == "Write it as browsers do: https://www.shop.example:8080"
