"""The API's description says of every operation how it can refuse; its page needs no other host."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    answer = APIClient().get("/api/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json")
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture(scope="module")
def operations(schema: dict) -> dict[str, dict[str, Any]]:
    return dict(_operations(schema))


def _operations(schema: dict) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path.removeprefix('/api/v1')}", operation


def codes(operation: dict, status: int) -> set[str]:
    """The codes of the problems that an operation shows as examples for a status."""
    answer = operation["responses"][str(status)]
    examples = answer["content"][PROBLEM].get("examples", {})
    return {example["value"]["code"] for example in examples.values()}


def test_it_is_valid_openapi(schema: dict) -> None:
    validate_schema(schema)
    assert schema["openapi"].startswith("3.")


def test_every_endpoint_of_the_contract_is_described(operations: dict) -> None:
    assert operations.keys() >= {
        "POST /authorizations/",
        "POST /authorizations/refresh/",
        "GET /user/",
        "GET /areas/",
        "GET /areas/{area_id}/",
        "GET /addresses/",
        "POST /addresses/",
        "PUT /addresses/{id}/",
        "DELETE /addresses/{id}/",
        "PUT /addresses/{id}/status/",
        "PUT /addresses/{id}/title/",
        "GET /categories/",
        "GET /categories/{category_id}/",
        "GET /categories/{category_id}/skus/",
        "GET /categories/{category_id}/hotskus/",
        "GET /skus/{sku_id}/",
        "GET /goods/{goods_id}/",
        "GET /cart/",
        "POST /cart/",
        "PUT /cart/",
        "DELETE /cart/",
        "PUT /cart/selection/",
    }


def test_every_operation_has_a_summary_and_a_tag(operations: dict) -> None:
    lacking = [
        name for name, each in operations.items() if not (each.get("summary") and each["tags"])
    ]
    assert lacking == []


def test_every_error_is_a_problem(operations: dict) -> None:
    for name, operation in operations.items():
        for status, answer in operation["responses"].items():
            if status >= "4":
                assert list(answer["content"]) == [PROBLEM], (name, status)
                assert codes(operation, int(status)), (name, status)


def test_who_needs_a_token_is_told_so(operations: dict) -> None:
    for name, operation in operations.items():
        if {} not in operation.get("security", []) and operation.get("security"):
            assert "not_authenticated" in codes(operation, 401), name
    assert codes(operations["GET /user/"], 401) == {"not_authenticated"}
    assert "401" not in operations["GET /categories/"]["responses"]


def test_what_reads_input_can_find_it_invalid(operations: dict) -> None:
    for name, operation in operations.items():
        if "requestBody" in operation and not name.endswith("/notify/"):
            assert "invalid" in codes(operation, 400), name


def test_what_is_looked_up_can_be_missing(operations: dict) -> None:
    for name, operation in operations.items():
        if "{" in name:
            assert "not_found" in codes(operation, 404), name


def test_a_page_can_be_missing(operations: dict) -> None:
    for name, operation in operations.items():
        if any(parameter["name"] == "page" for parameter in operation.get("parameters", [])):
            assert "not_found" in codes(operation, 404), name


def test_refusals_of_the_apps(operations: dict) -> None:
    assert codes(operations["POST /authorizations/"], 400) == {"invalid", "wrong_credentials"}
    assert codes(operations["POST /addresses/"], 400) == {"invalid", "too_many_addresses"}
    for verb in ("POST", "PUT"):
        cart = operations[f"{verb} /cart/"]
        assert codes(cart, 400) == {"invalid", "unknown_sku"}
        assert codes(cart, 429) == {"too_many_requests"}
        assert codes(cart, 409) == {"withdrawn", "cart_full", "too_many_units", "short_of_stock"}
    for name in (
        "GET /cart/",
        "POST /cart/",
        "PUT /cart/",
        "DELETE /cart/",
        "PUT /cart/selection/",
    ):
        assert codes(operations[name], 503) == {"unavailable"}, name
        assert "401" not in operations[name]["responses"], name
    assert codes(operations["DELETE /cart/"], 400) == {"invalid"}
    assert codes(operations["PUT /cart/selection/"], 404) == {"not_in_cart"}
    assert codes(operations["PUT /cart/selection/"], 409) == {"withdrawn"}


def test_the_problem_of_the_description_is_the_problem_of_the_answers(schema: dict) -> None:
    problem = schema["components"]["schemas"]["Problem"]
    assert set(problem["required"]) == {
        "type", "title", "status", "detail", "code", "message", "non_field_errors",
    }  # fmt: skip


def test_the_page_asks_no_other_host_for_anything(api: APIClient) -> None:
    page = api.get("/api/docs/")
    assert page.status_code == 200
    html = page.content.decode()
    links = re.findall(r"""(?:src|href)\s*=\s*["']([^"']+)""", html)
    assert any(link.endswith("swagger-ui-bundle.js") for link in links)
    assert [link for link in links if not link.startswith("/static/")] == []
    assert re.findall(r"https?://|[\"'(]//", html) == []
